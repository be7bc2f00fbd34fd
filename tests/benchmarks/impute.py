"""How well gaps are filled, beside a straight line and the values one season before and behind.

    python tests/benchmarks/impute.py FILE ... [--rounds 4] [--seed 0]

Blocks of 1, 3, 6, 12 and one season of known values are hidden at random places, at most a tenth of the
values in each round, and filled as `lstmcli impute` fills them. Each line has a file, the size of the blocks
and how many there were, the mean absolute error of impute over that of linear and that of seasonal
interpolation, and the share of values inside the interval of 80 %. The last lines have the geometric means.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lstmcli.forecasting.filled_gaps import GapPlaces, fill_gaps
from lstmcli.jobs.builtin import builtin_network
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array
from lstmcli.series.panel import Panel
from lstmcli.settings.untrained import untrained_settings
from lstmcli.tables.read import panel_of, read_table

SIZES = (1, 3, 6, 12, 0)  # 0 for a season
NO_SEASON = 7
ENOUGH = 60  # blocks of a size


@dataclass
class Errors:
    """Absolute errors of values that were hidden, and whether each lies inside its interval."""

    impute: list[Array]
    linear: list[Array]
    seasonal: list[Array]
    inside: list[Array]

    def ratios(self) -> tuple[float, float, float]:
        own, line, season = (np.concatenate(e).mean() for e in (self.impute, self.linear, self.seasonal))
        return own / line, own / season, float(np.concatenate(self.inside).mean())


def hidden_blocks(panel: Panel, size: int, rng: np.random.Generator) -> GapPlaces:
    """Blocks of known values between known ones, a tenth of all at most, none beside another."""
    series, firsts, taken = [], [], np.isnan(panel.values)
    room = min(ENOUGH, max(1, len(taken) // (10 * size)))
    for row in rng.permutation(len(taken)):
        s = int(np.searchsorted(panel.offsets, row, side="right")) - 1
        first = int(row - panel.offsets[s])
        if first < 1 or first + size >= panel.lengths[s] or taken[row - 1 : row + size + 1].any():
            continue
        taken[row : row + size] = True
        series.append(s)
        firsts.append(first)
        if len(series) == room:
            break
    return GapPlaces(np.array(series), np.array(firsts), np.full(len(series), size))


def seasonal(history: Array, season: int) -> Array:
    """A history in which a missing value is the mean of the nearest known ones whole seasons away."""
    known, filled = np.flatnonzero(~np.isnan(history)), history.copy()
    line = np.interp(np.arange(len(history)), known, history[known])
    for at in np.flatnonzero(np.isnan(history)):
        sides = (history[at % season : at : season][::-1], history[at + season :: season])
        near = [side[~np.isnan(side)][0] for side in sides if (~np.isnan(side)).any()]
        filled[at] = np.mean(near) if near and season > 1 else line[at]
    return filled


def measure(name: str, rounds: int, seed: int) -> Iterator[tuple[int, int, Errors]]:
    """Size, blocks and errors, for every size."""
    settings = untrained_settings(None, {"on_gap": "mask"})
    whole, _ = panel_of(read_table([name], settings.options), settings)
    network = builtin_network(whole, settings)
    season = network.shape.season
    done: dict[int, tuple[int, Errors]] = {}
    for asked in SIZES:
        size = asked or (season if season > 1 else NO_SEASON)
        if size not in done:
            done[size] = _of_size(whole, network, size, rounds, seed)
        yield asked, *done[size]


def _of_size(whole: Panel, network: Network, size: int, rounds: int, seed: int) -> tuple[int, Errors]:
    """How many blocks, and their errors."""
    errors, blocks, rng = Errors([], [], [], []), 0, np.random.default_rng(seed)
    for _ in range(rounds):
        gaps = hidden_blocks(whole, size, rng)
        rows = gaps.places(whole)
        values = whole.values.copy()
        values[rows] = np.nan
        panel = replace(whole, values=values)
        low, median, high = fill_gaps(network, network, panel, gaps, 80).T
        lines, repeated = np.empty(len(values)), np.empty(len(values))
        for s in range(len(panel)):
            at = slice(int(panel.offsets[s]), int(panel.offsets[s + 1]))
            known = np.flatnonzero(~np.isnan(values[at]))
            lines[at] = np.interp(np.arange(at.stop - at.start), known, values[at][known])
            repeated[at] = seasonal(values[at], network.shape.season)
        actual = whole.values[rows]
        errors.impute.append(np.abs(median - actual))
        errors.linear.append(np.abs(lines[rows] - actual))
        errors.seasonal.append(np.abs(repeated[rows] - actual))
        errors.inside.append((low <= actual) & (actual <= high))
        blocks += len(gaps)
        if blocks >= ENOUGH:
            break
    return blocks, errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    found: dict[int, list[tuple[float, float, float]]] = {}
    for name in asked.files:
        for size, blocks, errors in measure(name, asked.rounds, asked.seed):
            ratios = errors.ratios()
            found.setdefault(size, []).append(ratios)
            shown = f"{Path(name).stem:28} {size or 'season':>6} {blocks:4}"
            print(shown, "  ".join(f"{ratio:.3f}" for ratio in ratios), flush=True)
    for size, ratios in found.items():
        line, season, inside = np.array(ratios).T
        means = [np.exp(np.log(line).mean()), np.exp(np.log(season).mean()), inside.mean()]
        print(f"{'all':28} {size or 'season':>6}     ", "  ".join(f"{mean:.3f}" for mean in means))


if __name__ == "__main__":
    main()
