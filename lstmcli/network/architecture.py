"""A network as data: its shapes, its weights by name, and how its windows are cut and scaled."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstmcli.network.cells import GATES, CellWeights
from lstmcli.series.arrays import Array
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.scaling import Scaling

Weights = Mapping[str, Array]
USUAL_WEIGHT = 1e6
LEVEL_COLUMNS = 3  # columns of Windows.levels
FUTURE_UNITS = 32  # of the layer that reads future covariates


MIX_MEMBERS = ("network", "builtin", "ets", "theta", "naive")
MEMBER_TEXTS = {"builtin": "built-in", "naive": "seasonal naive"}  # where they are called something else


@dataclass(frozen=True)
class Blend:
    """baseline: a kind of `WindowSpec.baselines`; weight: the network's share, 0 to 1."""

    baseline: str
    weight: float


@dataclass(frozen=True)
class Mix:
    """Shares of the members of a forecast, together one, see `forecasting.mix`.

    length   last values that the simple methods read; windows: independent ones that the shares come from
    widths   how far the intervals of the mix are stretched, one factor per quantile
    builtin  share of the built-in network
    second   a season beside that of the network, which is taken out of what all but the network read; 1,
             or the season again, for none
    """

    network: float
    ets: float
    theta: float
    naive: float
    length: int
    windows: int
    widths: tuple[float, ...]
    builtin: float = 0.0
    second: int = 1

    @property
    def shares(self) -> dict[str, float]:
        """Of the members that count."""
        every = {name: float(getattr(self, name)) for name in MIX_MEMBERS}
        return {name: share for name, share in every.items() if share > 0}


@dataclass(frozen=True)
class Architecture:
    """Every number that fixes the shapes of the weights. Lengths are in observations."""

    cell: str
    layers: int
    hidden: int
    segment: int
    context: int
    horizon: int
    quantiles: tuple[float, ...]
    covariates: int
    ahead: int
    members: int
    static: int = 0
    static_tables: tuple[int, ...] = ()
    past_tables: tuple[int, ...] = ()
    future_tables: tuple[int, ...] = ()

    @property
    def steps(self) -> int:
        """Recurrent steps over the context."""
        return self.context // self.segment

    @property
    def tables(self) -> dict[str, tuple[int, ...]]:
        """Rows of the embedding of every categorical covariate, by role."""
        return {"static": self.static_tables, "past": self.past_tables, "future": self.future_tables}

    @property
    def fixed(self) -> int:
        """Inputs that are the same for a whole series."""
        return self.static + width_of(self.static_tables)

    @property
    def known_ahead(self) -> int:
        """Inputs that are known for each step of the horizon."""
        return self.ahead + width_of(self.future_tables)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight of one member."""
        gates, hidden = len(GATES[self.cell]), self.hidden
        along = width_of((*self.past_tables, *self.future_tables))
        shapes: dict[str, tuple[int, ...]] = {
            "embed.weight": (hidden, self.segment * (2 + self.covariates + along)),
            "embed.bias": (hidden,),
            "embed.levels": (hidden, LEVEL_COLUMNS),
            "head.weight": (self.horizon * len(self.quantiles), hidden),
            "head.bias": (self.horizon * len(self.quantiles),),
        }
        if self.fixed:
            shapes["embed.static"] = (hidden, self.fixed)
        for role, rows in self.tables.items():
            shapes |= {f"tables.{role}.{n}": (count, width(count)) for n, count in enumerate(rows)}
        if self.known_ahead:
            shapes["ahead.inputs"] = (FUTURE_UNITS, self.known_ahead)
            shapes["ahead.state"] = (FUTURE_UNITS, hidden)
            shapes["ahead.bias"] = (FUTURE_UNITS,)
            shapes["ahead.out"] = (len(self.quantiles), FUTURE_UNITS)
        for layer in range(self.layers):
            shapes[f"layers.{layer}.inputs"] = (gates, hidden, hidden)
            shapes[f"layers.{layer}.recurrent"] = (gates, hidden, hidden)
            shapes[f"layers.{layer}.bias"] = (gates, hidden)
            shapes[f"layers.{layer}.candidate_bias"] = (hidden,)
        return shapes


def width(rows: int) -> int:
    """Columns of an embedding: the root of its rows, eight at most."""
    return min(8, math.ceil(math.sqrt(rows)))


def width_of(tables: Sequence[int]) -> int:
    """Columns of several embeddings together."""
    return sum(map(width, tables))


@dataclass(frozen=True)
class Builtin:
    """The built-in network as a member of a mix: its weights, and the seasons that it is told.

    season   in steps, 1 for none; second: a longer one, or `season` again
    """

    weights: Weights
    season: int
    second: int


@dataclass(frozen=True)
class Network:
    """A trained network, and how its windows are cut and scaled.

    widths       how far its intervals are stretched, one factor per quantile, see `intervals`
    blend        the simple forecast that it is shrunk towards, if any
    error_power  how much more a member counts whose recent errors are small, see
                 `forecasting.member_shares`; at 0 all count the same. The model file calls it "trust"
    usual_error  the usual error relative to the spread of a forecast; intervals are wider where the
                 last error was larger, see `intervals.widen_after_errors`; 0 where that is not
                 known. The model file calls it "unrest"
    mix          simple methods that the network is mixed with, None for the network alone
    builtin      the built-in network, where the mix has it as a member

    A forecaster without training has no weights and no members of its own, but a mix of others.
    """

    weights: Weights
    arch: Architecture
    shape: WindowSpec
    scaling: Scaling
    widths: tuple[float, ...]
    blend: Blend | None = None
    error_power: float = 0.0
    usual_error: float = 0.0
    mix: Mix | None = None
    builtin: Builtin | None = None

    @property
    def is_trained(self) -> bool:
        """Whether it has a network of its own."""
        return self.arch.members > 0

    @property
    def is_usual(self) -> bool:
        """Whether its weights are as small as any that training finds."""
        return all(float(np.abs(w).max(initial=0.0)) <= USUAL_WEIGHT for w in self.weights.values())

    @property
    def share(self) -> float:
        """Of its own network in the forecast, all members together; without one, of the built-in network."""
        if not self.is_trained:
            return self.mix.builtin if self.mix else 0.0
        return (self.blend.weight if self.blend else 1.0) * (self.mix.network if self.mix else 1.0)

    @property
    def reach_back(self) -> int:
        """Values before an origin that a forecast looks at: its context and that of the forecast before,
        whose error is known, or what the simple methods of its mix read."""
        return max(self.shape.context + self.arch.horizon, self.mix.length if self.mix else 0)


def parameters(arch: Architecture) -> int:
    """How many numbers one member learns."""
    total = sum(math.prod(shape) for shape in arch.shapes().values())
    # The bias inside the reset gate is the GRU's alone; other cells carry zeros there.
    return total if arch.cell == "gru" else total - arch.layers * arch.hidden


def member(weights: Weights, index: int) -> Weights:
    """The weights of one member of the ensemble, without its prefix."""
    prefix = f"members.{index}."
    return {name.removeprefix(prefix): w for name, w in weights.items() if name.startswith(prefix)}


def layer_weights(weights: Weights, layer: int) -> CellWeights:
    names = ("inputs", "recurrent", "bias", "candidate_bias")
    return CellWeights(*(weights[f"layers.{layer}.{name}"] for name in names))


def of_medians(weights: Weights, arch: Architecture) -> tuple[Weights, Architecture]:
    """The same members with the median as their only quantile: a small part of the decoder."""
    middle, count = arch.quantiles.index(0.5), len(arch.quantiles)
    of_head = slice(middle, None, count)
    cuts = {"head.weight": of_head, "head.bias": of_head, "ahead.out": slice(middle, middle + 1)}
    kept = {name: w[cuts.get(name.split(".", 2)[2], slice(None))] for name, w in weights.items()}
    return kept, replace(arch, quantiles=(0.5,))
