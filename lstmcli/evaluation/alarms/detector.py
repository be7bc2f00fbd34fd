"""The detector: judges rows by what was expected of them, and keeps a budget of false alarms."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lstmcli.evaluation.alarms.rows import KINDS, ForecastRows, JudgedRows
from lstmcli.evaluation.alarms.state import AlarmState
from lstmcli.evaluation.alarms.tail import PeaksTail
from lstmcli.series.arrays import Array

_KEPT = 1024  # newest errors of a series
_FEWEST = 30  # errors before anything is judged
_REFIT = 16  # rows between two fits of the tail
_QUIET = 5  # rows without a rare one that end an alarm
_POINT = KINDS.index("point")


@dataclass(frozen=True)
class AlarmDetector:
    """rate: false alarms per row of a series, of all kinds together; season: in rows, 1 for none."""

    rate: float
    season: int = 1

    def settings(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @staticmethod
    def of_settings(settings: dict[str, Any]) -> "AlarmDetector":
        """From what `settings` gave."""
        return AlarmDetector(float(settings["rate"]), int(settings["season"]))

    def start(self, series: int) -> AlarmState:
        """Of series of which nothing is known."""
        return AlarmState(
            {
                "errors": np.full((series, _KEPT), -np.inf),
                "count": np.zeros(series, np.int64),
                "tail": np.zeros((series, 3)),
                "on": np.zeros(series, bool),
                "quiet": np.zeros(series, np.int64),
            }
        )

    def update(
        self, state: AlarmState, rows: ForecastRows, judge: bool = True
    ) -> tuple[AlarmState, JudgedRows]:
        """The state behind the rows, and what they were judged as; the given state stays as it was.

        judge: whether alarms may begin; without, errors are only learned.
        """
        after, judged = state.copy(), JudgedRows.empty(*rows.value.shape)
        with np.errstate(all="ignore"):
            up = np.maximum(rows.upper - rows.expected, 1e-12)
            down = np.maximum(rows.expected - rows.lower, 1e-12)
            away = rows.value - rows.expected
            sizes = np.abs(away) / np.where(away > 0, up, down)
        for t in range(len(sizes)):
            self._row(after, sizes[t], judged, t, judge)
        reach = np.where(np.isfinite(judged.p), judged.upper, np.nan)
        return after, JudgedRows(
            judged.p,
            rows.expected - reach * down,
            rows.expected + reach * up,
            judged.kind,
            judged.alarm,
            judged.begins,
            judged.ends,
            judged.masked,
        )

    def _row(self, state: AlarmState, size: Array, judged: JudgedRows, t: int, judge: bool) -> None:
        known: dict[str, Any] = state.arrays
        seen, series = ~np.isnan(size), np.arange(len(size))
        count = known["count"]
        stale = (count % _REFIT == 0) & (count >= _FEWEST)
        if stale.any():
            fit = PeaksTail.of(known["errors"][stale], np.minimum(count[stale], _KEPT))
            known["tail"][stale] = np.stack([fit.threshold, fit.share, fit.excess], axis=1)
        tail = PeaksTail(*known["tail"].T)
        rank = (known["errors"] >= size[:, None]).sum(axis=1)
        p = np.where(
            size > tail.threshold, tail.probability(size), (rank + 1) / (np.minimum(count, _KEPT) + 1)
        )
        able = seen & (count >= _FEWEST)
        rare = able & (p < self.rate) & judge
        known["quiet"][seen] = np.where(rare, 0, known["quiet"] + 1)[seen]
        before = known["on"].copy()
        on = np.where(seen, rare | (before & (known["quiet"] < _QUIET)), before)
        judged.p[t], judged.upper[t] = np.where(able, p, np.nan), tail.size(self.rate)
        judged.alarm[t], judged.begins[t], judged.ends[t] = on, on & ~before, before & ~on
        judged.kind[t] = np.where(on, _POINT, 0)
        judged.masked[t] = rare & (p < self.rate / 10)
        known["on"] = on
        known["errors"][series[seen], count[seen] % _KEPT] = size[seen]
        known["count"] = count + seen
