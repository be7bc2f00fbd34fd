"""What the columns of a table are for: time, series, targets, covariates.

Columns that the settings name are used as they say. The others are found by their content and, where
several would do, by usual names.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from lstmcli.errors import DataError, SettingsError, did_you_mean
from lstmcli.errors.foreign import quoted
from lstmcli.series.roles import Roles
from lstmcli.settings.table_reading import JoinedTime
from lstmcli.tables.read.all_rows import AllRows, CodeColumn, ColumnFacts, FrameRows
from lstmcli.tables.read.column_names import is_amount_name
from lstmcli.tables.read.day_counts import distance_of_times
from lstmcli.tables.read.elapsed_times import evenly_risen
from lstmcli.tables.read.mixed_units import check_units
from lstmcli.tables.read.number_columns import mostly_numbers, mostly_texts
from lstmcli.tables.read.role_errors import counted_rows_error, no_target_error
from lstmcli.tables.read.row_kinds import check_row_kinds
from lstmcli.tables.read.second_times import second_times
from lstmcli.tables.read.series_keys import SeriesKeys, find_series_keys, is_flag
from lstmcli.tables.read.targets import (
    LEFT_OUT,
    ChosenTargets,
    ColumnRoles,
    LeftOut,
    choose_targets,
    left_out_note,
)
from lstmcli.tables.read.text import FILE
from lstmcli.tables.read.time_columns import RowPlace, find_time_column, time_candidates, time_choice_notes
from lstmcli.tables.read.word_parts import columns_note, names_note

if TYPE_CHECKING:
    from lstmcli.settings.model import Settings

_ALL_READ: Mapping[str, str] = {}
_NAMES_LOOKED_AT = 1000  # rows


def find_roles(
    frame: pd.DataFrame,
    settings: "Settings",
    source: str,
    codes: CodeColumn | None = None,
    rows: "AllRows | None" = None,
    unread: Mapping[str, str] = _ALL_READ,
    joined: JoinedTime | None = None,
    place: RowPlace | None = None,
    written: Collection[str] = (),
) -> Roles:
    """The role of every column of a table.

    codes: `Table.codes`, to number the cells of a column only once. rows: what to ask of all rows, where
    `frame` holds only some of them. unread: columns that hold mostly numbers, and why these cannot be read.
    joined: the columns whose cells together are the time, which a column of `frame` holds as well.
    place: `Table.place`; written: columns that are read as they are written, as names.

    Raises DataError where a named column is not there or no column suits a role.
    """
    untimed = settings.time == "none" and "none" not in frame.columns
    _check_named_columns(frame, settings, untimed, joined, source)
    dates = time_candidates(frame) if settings.time == "auto" and not joined else ()
    time = joined.name if joined else _time_of_rows(frame, settings, source, untimed, place, dates)
    parts = joined.columns if joined else ()
    asked = FrameRows(frame, codes) if rows is None else rows
    keys, targets = _keys_and_targets(frame, time, parts, settings, asked, unread, written, source, place)
    covariates = _covariates(settings)
    used = {*filter(None, [time, *parts]), *keys.columns, *targets.columns, *covariates}
    left_out = _notes(frame, used, keys.columns, targets, asked, unread, place)
    choice = time_choice_notes(frame, time, dates) if settings.time == "auto" and not joined else ()
    words = _word_notes(frame, settings, time, keys, targets)
    return Roles(
        time,
        keys.columns,
        targets.columns,
        settings.past,
        settings.future,
        (*choice, *_empty_names(keys.columns, asked), *words, *left_out),
        settings.static,
        _categorical(frame, covariates, settings.categorical, unread),
        keys.tried,
        {note: bare for note, bare in left_out.items() if note != bare},
    )


def _covariates(settings: "Settings") -> tuple[str, ...]:
    return (*settings.static, *settings.past, *settings.future)


def _keys_and_targets(
    frame: pd.DataFrame,
    time: str,
    parts: Sequence[str],
    settings: "Settings",
    rows: AllRows,
    unread: Mapping[str, str],
    written: Collection[str],
    source: str,
    place: RowPlace | None,
) -> tuple[SeriesKeys, ChosenTargets]:
    """What tells series apart, and what is forecast. parts: of the time, where several columns hold it.

    Raises DataError where none is forecast, two roles are one column's, or rows are of several kinds.
    """
    covariates = _covariates(settings)
    named = () if settings.target == "auto" else settings.target
    rest = [c for c in frame.columns if c not in {time, *parts, *covariates, *named}]
    numeric = [c for c in rest if c in unread or (c not in written and mostly_numbers(frame[c]))]
    keys = _series_keys(frame, time, settings, rest, numeric, unread, rows)
    if keys.counts:
        raise counted_rows_error(frame, time, (*(parts or [time]), keys.counts), source, place)
    targets = _targets(frame, time, settings, rest, numeric, keys.columns, unread, rows)
    _check_single_roles((*filter(None, [time]), *keys.columns, *targets.columns, *covariates), source)
    others = [c for c in rest if c not in keys.columns]
    if not targets.columns:
        raise no_target_error(frame, others, source, place)
    if settings.target == "auto":
        check_units(frame, others, keys.columns, targets.columns, rows, source, place)
        chosen = {*targets.columns, *unread}
        unused = [c for c in others if c not in chosen]
        check_row_kinds(frame, unused, targets.columns, rows, source, place)
    return keys, targets


def _word_notes(
    frame: pd.DataFrame, settings: "Settings", time: str, keys: SeriesKeys, targets: ChosenTargets
) -> tuple[str, ...]:
    """What may be parts of times: words that name series, and columns beside days or years."""
    if "auto" not in (settings.time, settings.series) or settings.target != "auto" or not time:
        return ()
    found = keys.columns if settings.series == "auto" else ()
    names = ((c, frame[c].iloc[:_NAMES_LOOKED_AT].dropna().astype(str)) for c in found)
    of_names = [note for column, cells in names for note in names_note(column, cells.tolist())]
    return (*of_names, *columns_note(targets.columns, lambda: distance_of_times(frame[time])))


def _check_named_columns(
    frame: pd.DataFrame, settings: "Settings", untimed: bool, joined: JoinedTime | None, source: str
) -> None:
    """Raises DataError for the first column of the settings that the table has not."""
    time = joined.name if joined and settings.time != "auto" else settings.time
    covariates = _covariates(settings)
    named = (() if untimed else (time,), settings.series, settings.target, covariates, settings.categorical)
    for names in named:
        if names and names not in ("auto", ("auto",)):
            require_columns(frame, names, source)


def _series_keys(
    frame: pd.DataFrame,
    time: str,
    settings: "Settings",
    rest: Sequence[str],
    numeric: Sequence[str],
    unread: Collection[str],
    rows: AllRows,
) -> SeriesKeys:
    """The columns that tell series apart, named or found; numeric: those of `rest` that hold numbers."""
    if settings.series != "auto":
        return SeriesKeys(settings.series)
    numbers = [c for c in numeric if c not in unread]
    numeric_names = set(numeric)
    texts = [c for c in rest if c not in numeric_names]
    merged = settings.on_duplicate != "error" or bool(settings.resample)
    return find_series_keys(frame, time, texts, numbers, settings.target not in ("auto", ()), merged, rows)


def _targets(
    frame: pd.DataFrame,
    time: str,
    settings: "Settings",
    rest: Sequence[str],
    numeric: Sequence[str],
    keys: Sequence[str],
    unread: Mapping[str, str],
    rows: AllRows,
) -> ChosenTargets:
    """The columns to forecast; `keys` tell series apart."""
    named = () if settings.target == "auto" else settings.target
    if "auto" in (settings.time, settings.series, settings.target):
        values = [c for c in numeric if c not in keys]
        times = partial(second_times, frame, time) if time else partial(_times_among, frame)
        return choose_targets(values, named, keys, rows, unread, times)
    return ChosenTargets(named, dict.fromkeys(rest, LeftOut.OTHER))  # the user knows the table


def _times_among(frame: pd.DataFrame, facts: Mapping[str, ColumnFacts]) -> tuple[str, ...]:
    """The numbers that would be taken for times, where rows are counted instead."""
    return tuple(c for c in (*time_candidates(frame), *evenly_risen(frame)) if c in facts)


def _time_of_rows(
    frame: pd.DataFrame,
    settings: "Settings",
    source: str,
    untimed: bool,
    place: RowPlace | None,
    dates: Sequence[str],
) -> str:
    """The time column, "" where rows have no time stamps. Raises DataError."""
    if settings.time == "auto":
        return find_time_column(frame, settings, source, place, dates)
    if not untimed:
        return settings.time
    if settings.step == "auto":
        said = "time stamps are declined (time: none); say how far apart rows are, as --step 1h"
        raise DataError("no-time-column", said, path=source)
    return ""


def _categorical(
    frame: pd.DataFrame, covariates: Sequence[str], named: Sequence[str], unread: Collection[str]
) -> tuple[str, ...]:
    """Covariates that are categories: those named, and those that are texts."""
    for name in named:
        if name not in covariates:
            raise SettingsError(
                f"categorical: {quoted(name)} is no covariate; name it in past, future or static as well"
            )
    return tuple(c for c in covariates if c in named or (c not in unread and mostly_texts(frame[c])))


def _check_single_roles(names: Sequence[str], source: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        said = f"the column {quoted(twice[0])} is named for two roles"
        raise DataError("two-roles", said, path=source, row=1)


def require_columns(frame: pd.DataFrame, names: Sequence[str], source: str) -> None:
    """Raises DataError for the first name that is no column of the table."""
    for name in names:
        if name not in frame.columns:
            have = ", ".join(map(str, frame.columns[:20]))
            hint = did_you_mean(name, map(str, frame.columns))
            raise DataError(
                "unknown-column",
                f"there is no column {quoted(name)}.{hint} Columns: {have}",
                path=source,
                row=1,
            )


def _empty_names(series: Sequence[str], rows: AllRows) -> tuple[str, ...]:
    unnamed = [c for c in series if len(series) > 1 and rows.has_empty(c)]
    return tuple(f"empty cells of {c} are taken as a name" for c in unnamed)


def _notes(
    frame: pd.DataFrame,
    used: Collection[str],
    series: Sequence[str],
    targets: ChosenTargets,
    rows: AllRows,
    unread: Mapping[str, str],
    place: RowPlace | None,
) -> dict[str, str]:
    """What is left out, each with what it says where covariates are not read."""
    reasons = {
        str(c): targets.left_out.get(c) or _reason_of_other(frame[c], c, series, rows)
        for c in frame.columns
        if c not in used and c != FILE and c not in unread
    }
    words = [c for c, why in reasons.items() if why == LeftOut.TEXT and is_amount_name(c)] if place else []
    worded = {c: _first_word(frame[c], place) for c in words if place}
    rest = {c: why for c, why in reasons.items() if c not in worded}
    others = (ColumnRoles(series, targets.columns, covariates) for covariates in (True, False))
    whole, bare = (left_out_note(rest, each, rows) for each in others)
    worded_notes = [f"{LEFT_OUT}{c} ({why})" for c, why in (worded | dict(unread)).items() if c not in used]
    return ({whole: bare} if rest else {}) | {note: note for note in worded_notes}


def _first_word(cells: "pd.Series[str]", place: RowPlace) -> str:
    """Where the first cell of a column stands that is called like one of values."""
    at = int(cells.index[cells.notna()][0])
    return f"row {place(at)[1]}: {quoted(str(cells[at]))} is not a number"


def _reason_of_other(cells: "pd.Series[str]", name: str, series: Sequence[str], rows: AllRows) -> LeftOut:
    if not cells.notna().any():
        return LeftOut.EMPTY
    different = rows.distinct(name)
    if different == 1:
        return LeftOut.CONSTANT
    if is_flag(cells, different):
        return LeftOut.YES_OR_NO
    if mostly_numbers(cells):
        return LeftOut.NUMBER
    same = bool(series) and not rows.has_empty(name) and rows.same_in(series, name)
    return LeftOut.LABEL if same else LeftOut.TEXT
