"""How long the units remember, and which seasons of the data that reaches."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.gates.replay import GateTrace
from lstmcli.gates.statistics import CLOSED_BELOW, memory_gates
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step, seasons
from lstmcli.series.panel import Panel
from lstmcli.series.seasonality import has_long_cycle, second_season, strongest_season

_LOOKED_AT = 50  # series; more would not change what season is found
_NAMES = {
    "1 minute": "by the minute",
    "1 hour": "hourly",
    "1 day": "daily",
    "1 week": "weekly",
    "5 business days": "weekly",
    "21 business days": "monthly",
    "261 business days": "yearly",
    "1 year": "yearly",
}


@dataclass(frozen=True)
class DataSeason:
    """A season of the data: its name, its length in observations and in recurrent steps."""

    name: str
    observations: int
    steps: float


@dataclass(frozen=True)
class LayerMemory:
    """How long each unit of a layer remembers, in recurrent steps. All None for the plain RNN.

    half_lives  (hidden,) -ln 2 / mean(ln f): the steps after which half of the state is left, at
                the geometric mean of the forget gate f (GRU: update gate z)
    resets      (hidden,) share of steps at which that gate is below 0.1
    runs        (hidden,) longest run of steps without a reset, mean over the windows
    reached     per season of the data: how many units have a half-life of at least the season
    """

    layer: int
    half_lives: Array | None
    resets: Array | None = None
    runs: Array | None = None
    reached: tuple[int, ...] = ()

    @property
    def order(self) -> NDArray[np.int64] | None:
        """Units from the shortest half-life to the longest; None for the plain RNN."""
        return None if self.half_lives is None else np.argsort(self.half_lives, kind="stable")


def memory(traced: GateTrace, cell: str, found: tuple[DataSeason, ...] = ()) -> list[LayerMemory]:
    """The memory of every unit of every layer, against the seasons found."""
    gates = memory_gates(traced, cell)
    if gates is None:
        return [LayerMemory(number, None) for number in range(len(traced.layers))]
    made = []
    for number, gate in enumerate(gates):
        lives = unit_half_lives(gate)
        reached = tuple(int((lives >= season.steps).sum()) for season in found)
        resets = gate < CLOSED_BELOW
        made.append(LayerMemory(number, lives, resets.mean(axis=(0, 1)), _runs(resets), reached))
    return made


def unit_half_lives(gate: Array) -> Array:
    """-ln 2 / mean(ln gate) of each unit, in steps; gate: the forget gate (GRU: update gate),
    (windows, steps, hidden)."""
    logarithm = np.log(np.clip(gate.astype(np.float64), 1e-12, 1 - 1e-12))
    return np.asarray(-np.log(2) / logarithm.mean(axis=(0, 1)))


def _runs(resets: NDArray[np.bool_]) -> Array:
    """Longest run of steps without a reset, mean over the windows; (windows, steps, hidden) -> (hidden,)."""
    running = np.zeros((resets.shape[0], resets.shape[2]), np.int64)
    longest = running.copy()
    for step in range(resets.shape[1]):
        running = np.where(resets[:, step], 0, running + 1)
        np.maximum(longest, running, out=longest)
    return np.asarray(longest.mean(axis=0))


def data_seasons(network: Network, panel: Panel) -> tuple[DataSeason, ...]:
    """The seasons that show in the data; of the built-in network those that it is told."""
    segment = network.arch.segment
    if network.is_trained or network.builtin is None:
        return find_seasons(panel, segment)
    return named_seasons(panel.step, {network.builtin.season, network.builtin.second}, segment)


def named_seasons(step: Step, lengths: Iterable[int], segment: int) -> tuple[DataSeason, ...]:
    """Seasons of so many observations, shortest first."""
    real = sorted({length for length in lengths if length > 1})
    return tuple(DataSeason(season_name(step, s), s, s / segment) for s in real)


def find_seasons(panel: Panel, segment: int) -> tuple[DataSeason, ...]:
    """The seasons that show in the data, shortest first; none where nothing repeats."""
    chosen = np.linspace(0, len(panel) - 1, min(len(panel), _LOOKED_AT)).astype(int)
    looked_at = [panel.history(int(s)) for s in chosen]
    first = strongest_season(looked_at, panel.step)
    second = second_season(looked_at, panel.step, first)
    lengths = [first, second]
    if has_long_cycle(looked_at, panel.step):
        lengths.append(max(seasons(panel.step)))
    return named_seasons(panel.step, lengths, segment)


def season_name(step: Step, length: int) -> str:
    """What a season of so many observations is called: daily, weekly, yearly, or by its length."""
    if step.kind == "open":
        named = {len(step.week.chosen): "weekly", step.week.usual_day: "daily", max(seasons(step)): "yearly"}
        return named.get(length, f"every {step.duration(length)}")
    if step.kind == "month" and step.count * length == 12:
        return "yearly"
    if length in seasons(step)[-1:] and length * step.count > 31 * 86_400_000_000 and step.kind == "fixed":
        return "yearly"
    text = step.duration(length)
    return _NAMES.get(text, f"every {text}")
