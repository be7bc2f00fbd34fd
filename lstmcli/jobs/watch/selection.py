"""Which rows are judged: from which row of each series on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.model_file import Model
from lstmcli.model_file.contract import trained_lengths
from lstmcli.model_file.watch_state import WatchState
from lstmcli.series.calendar import advance, positions
from lstmcli.series.moment import moment_of
from lstmcli.series.panel import Panel
from lstmcli.tables.read.typed_times import moment_text


@dataclass(frozen=True)
class Selection:
    """firsts  (series,) place of the first row that is judged, the length of the history for none
    after   (series,) time behind which values at closed times are judged
    notes   for the user
    """

    firsts: NDArray[np.int64]
    after: NDArray[Any]
    notes: tuple[str, ...] = ()


def select_rows(
    panel: Panel, model: Model, options: WatchOptions, pattern: str | None, state: WatchState | None
) -> Selection:
    """state: of an earlier run, None for a first one. Raises UsageError for a --since that is no time."""
    trained = trained_lengths(panel, model.contract) if model.network.is_trained else None
    if state is not None:
        return _behind_rows(panel, _behind(panel, state))
    if options.since is not None:
        moment = _moment(panel, options.since, pattern)
        return Selection(places_at(panel, moment), np.broadcast_to(moment - 1, panel.starts.shape))
    if options.last is not None:
        return _from_rows(panel, _newest(panel, options.last))
    if trained is not None:
        return _behind_rows(panel, trained, _none_new(panel, trained))
    season = max(model.network.shape.season, 1)
    first = advance(newest(panel), panel.step, 1 - season)[()]
    real = "" if panel.step.plain else f", {panel.step.duration(season)}"
    since = f"rows since {panel.shown_time(first)}, the last {season} of each series{real}, are"
    said = since if season > 1 else "the last row of each series is"
    said = f"{said} judged; --since, --last or --state say which"
    return _from_rows(panel, _newest(panel, season), (said,))


def _from_rows(panel: Panel, firsts: NDArray[np.int64], notes: tuple[str, ...] = ()) -> Selection:
    """What stands at the first rows, or later."""
    return Selection(firsts, advance(panel.starts, panel.step, firsts) - 1, notes)


def _behind_rows(panel: Panel, firsts: NDArray[np.int64], notes: tuple[str, ...] = ()) -> Selection:
    """What stands behind the rows before the first ones."""
    return Selection(firsts, advance(panel.starts, panel.step, firsts - 1), notes)


def newest(panel: Panel) -> Any:
    """The last time of all series."""
    return panel.ends.max()[()]


def places_at(panel: Panel, times: Any) -> NDArray[np.int64]:
    """(series,) the first place of each series that is not before a time, one or (series,)."""
    given = np.broadcast_to(np.asarray(times), panel.starts.shape).astype(panel.starts.dtype)
    steps, fits = positions(given, panel.starts, panel.step)
    return np.clip(steps + ~fits, 0, panel.lengths)


def _behind(panel: Panel, state: WatchState) -> NDArray[np.int64]:
    """The first place behind the rows that an earlier run has seen; 0 where those lie before the start."""
    times, seen = state.times_of(panel)
    steps, _ = positions(times, panel.starts, panel.step)
    return np.where(seen, np.clip(steps + 1, 0, panel.lengths), 0)


def _moment(panel: Panel, text: str, pattern: str | None) -> Any:
    dated = bool(np.issubdtype(panel.starts.dtype, np.datetime64))
    moment = moment_of(moment_text(text, pattern), pattern, dated, "--since")
    return np.asarray(moment).astype(panel.starts.dtype)


def _newest(panel: Panel, count: int) -> NDArray[np.int64]:
    """Counted back from the newest of all series; where rows have no dates, from the end of each."""
    if not np.issubdtype(panel.starts.dtype, np.datetime64):
        return np.maximum(panel.lengths - min(count, int(panel.lengths.max())), 0)
    last = newest(panel)
    every = int(positions(np.array([last]), panel.starts.min(), panel.step)[0][0]) + 1
    return places_at(panel, advance(last, panel.step, 1 - min(count, every)))


def _none_new(panel: Panel, trained: NDArray[np.int64]) -> tuple[str, ...]:
    if (trained < panel.lengths).any():
        return ()
    when = panel.shown_time(newest(panel))
    return (
        f"no row is newer than those of the training (the newest: {when}); --last or --since judge these",
    )
