"""The detector: judges rows by what was expected of them, and keeps a budget of false alarms."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.alarms.errors import scaled_errors, start_errors
from lstmcli.evaluation.alarms.evidence import (
    EVIDENCE_ROWS,
    FEWEST,
    count_judged,
    joint_rarity,
    known_tails,
    row_evidence,
    start_evidence,
    stuck_rarity,
)
from lstmcli.evaluation.alarms.rows import KINDS, ForecastRows, JudgedRows
from lstmcli.evaluation.alarms.tail import SizeTails
from lstmcli.series.arrays import Array, Flags
from lstmcli.series.running import RunningState

STUCK_SHARE = 0.1  # of the budget; the other kinds are judged together and share the rest
_QUIET = (24, 288)  # rows without a rare one that end an alarm: a season, within these bounds
_QUIET_SHARE = 0.2  # of the rows between two false alarms that an alarm may so last
_SLOW_PARTS = 24  # of a season, over one of which deviations from it are smoothed
_MOST_LEARNED = 600  # rows before alarms may begin
_IMPOSSIBLE = 1e-3  # of the rate, at which a value by itself is judged impossible
_MOST_MASKED = 3  # values in a row that are hidden from later forecasts; more may be a new level
_NEAR = 2  # rows that a season may be off
_POINT, _SHIFT, _SPREAD, _STUCK = (KINDS.index(kind) for kind in ("point", "shift", "spread", "stuck"))
_ALONE_SHARE = 0.2  # of the budget, beside the others: used up by tails as heavy as `heavy_count` says
_APART = 3  # rows between two values that are alarms of their own
_RETURNED = 3.0  # usual deviations from the season, within which a value has returned to it
_OF_FURTHER = 0.1  # of the budget, by which a further fault is told while an alarm goes on
_OF_SPREAD = 0.8  # of the evidence of wider errors, from which on that of a shift tells the kind


@dataclass(frozen=True)
class AlarmDetector:
    """rate: false alarms per row of a series, of all kinds together; season: in rows, 1 for none.

    A tenth of the rate is for values that are stuck, the rest for all other kinds together: how it falls to
    them depends on the series, as their evidence is added up. How rare that sum is, is not known far beyond
    one alarm in as many rows as are known; there a value many times as far off as any before is an alarm by
    itself.
    """

    rate: float
    season: int = 1

    def settings(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @staticmethod
    def of_settings(settings: dict[str, Any]) -> "AlarmDetector":
        """From what `settings` gave."""
        return AlarmDetector(float(settings["rate"]), int(settings["season"]))

    @property
    def quiet(self) -> int:
        """Rows without a rare one that end an alarm."""
        return max(2, min(int(np.clip(self.season, *_QUIET)), int(_QUIET_SHARE / self.rate)))

    @property
    def learned(self) -> int:
        """Rows of a series before alarms may begin: what a season brings is new in the first."""
        return max(FEWEST, min(2 * self.season, _MOST_LEARNED))

    def start(self, series: int) -> RunningState:
        """Of series of which nothing is known."""
        alarms: dict[str, NDArray[np.generic]] = {
            "on": np.zeros(series, bool),
            "quiet": np.zeros(series, np.int64),
            "masked": np.zeros(series, np.int64),
            "since": np.full(series, np.inf),  # the last masked value
            "kind": np.zeros(series, np.int8),
            "age": np.zeros(series, np.int64),  # rows since the alarm began
            "apart": np.zeros(series, np.int64),  # rows since the last value that was rare by itself
        }
        return RunningState(start_errors(series, 2) | start_evidence(series) | alarms)

    def sure_rate(self, state: RunningState) -> NDArray[np.float64]:
        """The lowest rate (series,) that is sure to be held: one alarm in as many rows as are known.

        Below it the budget rests on the law of the tail, and errors with heavy tails ring more often.
        """
        rows: Array = state.arrays["rows"].astype(np.float64)
        return np.asarray(1 / np.maximum(rows, 1.0))

    def update(
        self, state: RunningState, rows: ForecastRows, judge: bool = True
    ) -> tuple[RunningState, JudgedRows]:
        """The state behind the rows, and what they were judged as; the given state stays as it was.

        judge: whether alarms may begin; without, errors are only learned.
        """
        after, judged = state.copy(), JudgedRows.empty(*rows.value.shape)
        for t in range(len(rows.value)):
            self.judge_row(after, rows.part(t), judged, t, judge)
        return after, judged

    def judge_row(
        self, state: RunningState, row: ForecastRows, judged: JudgedRows, place: int, judge: bool = True
    ) -> None:
        """Judges one row (1, series), and writes the result into a place of `judged`. Changes the state."""
        with np.errstate(all="ignore"):
            self._row(state.arrays, row, judged, place, judge)

    def _row(self, known: dict[str, Any], row: ForecastRows, judged: JudgedRows, t: int, judge: bool) -> None:
        value, expected = row.value[0], row.expected[0]
        z, unit = scaled_errors(known, 0, value, expected, row.lower[0], row.upper[0])
        slow = _slow_errors(known, row)
        seen, tails = ~np.isnan(z), known_tails(known)
        smoothing = 2 / (max(2.0, self.season / _SLOW_PARTS) + 1)
        alone = self._alone(tails, np.where(seen, np.abs(z), 0.0), known["rows"])  # before the error is added
        evidence = row_evidence(known, tails, z, slow, smoothing)
        able = seen & (known["rows"] >= FEWEST)
        told = able & judge & (known["rows"] >= self.learned)
        joint = joint_rarity(known, tails, evidence.sum(axis=1), ~np.isnan(slow), able) / (1 - STUCK_SHARE)
        stuck = stuck_rarity(known, tails, np.where(seen, value, np.nan), np.abs(z)) / STUCK_SHARE
        p = np.where(able, np.minimum(np.minimum(np.minimum(joint, stuck), alone), 1.0), np.nan)
        rare = told & (p < self.rate)
        kind = np.where(stuck < joint, _STUCK, _kinds(evidence))
        kind = np.where(alone < np.minimum(joint, stuck), _POINT, kind)
        bound = np.where(able, tails.size(self.rate * (known["rows"] + 1)) * unit, np.nan)
        low = np.where(known["negative"], -np.inf, 0.0)  # as forecasts, of values that never were below zero
        judged.p[t], judged.lower[t], judged.upper[t] = (
            p,
            np.maximum(expected - bound, low),
            np.maximum(expected + bound, low),
        )
        further = self._further(known, told, np.abs(value - expected) / unit, slow, tails, stuck, evidence)
        self._alarm(known, judged, t, seen, rare, np.where(further, further, kind), further > 0)
        beyond = tails.size(_IMPOSSIBLE * self.rate * (known["rows"] + 1)) * unit
        judged.masked[t] = self._mask(known, seen, rare & (np.abs(value - expected) > beyond))
        count_judged(known, seen)

    def _alone(self, tails: SizeTails, size: Array, rows: Array) -> NDArray[np.float64]:
        """How rare a value so far off is by itself (series,), 1 where the rows show enough for the budget."""
        p = tails.heavy_count(size) / (rows + 1) / _ALONE_SHARE
        return np.where((self.rate * (rows + 1) < 1) & (size > 0), p, 1.0)

    def _mask(self, known: dict[str, Any], seen: Flags, impossible: Flags) -> Flags:
        """Which values are hidden: no long run, which may be a new level, and none a season behind another,
        which may be a new habit."""
        again = np.abs(known["since"] - self.season) <= _NEAR
        masked: Flags = impossible & (known["masked"] < _MOST_MASKED) & ~again
        known["masked"] = np.where(seen, np.where(masked, known["masked"] + 1, 0), known["masked"])
        known["since"] = np.where(masked, 1.0, known["since"] + 1)
        return masked

    def _further(
        self,
        known: dict[str, Any],
        told: Flags,
        size: Array,
        slow: Array,
        tails: SizeTails,
        stuck: Array,
        evidence: Array,
    ) -> NDArray[np.int64]:
        """The kind of a further fault, where an alarm goes on already and the row shows one; else 0.

        That is a value far beyond the budget by itself, some rows behind the last one; values that are stuck;
        after a point, a level that stays away from the season. It is none where values return to what the
        season says, nor a season behind the last fault, which the season then repeats.
        """
        alone = told & (size > tails.size(_OF_FURTHER * self.rate * (known["rows"] + 1)))
        usual = np.abs(slow) < _RETURNED
        if self.season > 2 * EVIDENCE_ROWS:
            for rows in (known["age"], known["apart"]):
                usual |= np.abs(rows - self.season) <= EVIDENCE_ROWS
        point = alone & (known["apart"] >= _APART) & ~usual
        known["apart"] = np.where(alone, 0, known["apart"] + 1)
        stays = (evidence[:, -1] >= -np.log10(self.rate)) & (known["age"] >= EVIDENCE_ROWS)
        stays &= told & (known["kind"] == _POINT) & ~usual
        held = told & (stuck < self.rate) & (known["kind"] != _STUCK)
        kind = np.where(point, _POINT, np.where(held, _STUCK, np.where(stays, _SHIFT, 0)))
        return np.where(known["on"], kind, 0)

    def _alarm(
        self,
        known: dict[str, Any],
        judged: JudgedRows,
        t: int,
        seen: Flags,
        rare: Flags,
        kind: Array,
        further: Flags,
    ) -> None:
        """An alarm begins with a rare row, and ends when none came for a while. A `further` fault is told."""
        before, was = known["on"].copy(), known["kind"]
        known["quiet"] = np.where(seen, np.where(rare, 0, known["quiet"] + 1), known["quiet"])
        on = np.where(seen, rare | (before & (known["quiet"] < self.quiet)), before)
        begins = on & ~before
        new = begins | further
        known["age"] = np.where(new, 0, known["age"] + seen)
        known["kind"] = np.where(new, kind, np.where(on, known["kind"], 0)).astype(np.int8)
        judged.further[t] = further & ~begins
        judged.alarm[t], judged.begins[t], judged.ends[t] = on, begins, before & ~on
        judged.kind[t] = np.where(judged.ends[t], was, known["kind"])
        known["on"] = on


def _kinds(evidence: Array) -> NDArray[np.int64]:
    """The kind of each series by what is rare, evidence (series, EVIDENCE)."""
    error, shift, wide, ranks, slow = evidence.T
    shifted, spread = np.maximum(shift, slow), np.maximum(wide, ranks)
    kind = np.where(shifted >= _OF_SPREAD * spread, _SHIFT, _SPREAD)
    return np.where(error >= np.maximum(shifted, spread), _POINT, kind)


def _slow_errors(known: dict[str, Any], row: ForecastRows) -> NDArray[np.float64]:
    """Those of the forecast from one season before, scaled, (series,); NaN where it was not made."""
    expected, lower, upper = row.season_expected, row.season_lower, row.season_upper
    if expected is None or lower is None or upper is None:
        return np.full(row.value.shape[1], np.nan)
    return scaled_errors(known, 1, row.value[0], expected[0], lower[0], upper[0])[0]
