"""A model and the rows to watch. Rows off the step, or repeated, are no reason to refuse a file."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lstmcli.errors import DataError
from lstmcli.jobs.watch.ahead import check_not_ahead
from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.model_file import Contract, Model, read_model
from lstmcli.model_file.contract import is_step_of, options_with, takes_times_from
from lstmcli.model_file.watch_state import WatchState, check_watched
from lstmcli.network.builtin_file import is_builtin
from lstmcli.series.calendar import Step
from lstmcli.tables.read.for_contract import ModelData, read_by_contract, read_for_model
from lstmcli.tables.read.mends import step_text
from lstmcli.tables.read.panels import empty_panel

_OFF_STEP = ("irregular", "mixed-step")
_REPEATS = re.compile(r"([\d,]+) rows? repeat")  # of `gaps.duplicates_note`
_MOST_REPEATED = 0.05  # of the rows; more are rather those of series that nothing tells apart


def open_watched(options: WatchOptions, state: WatchState | None = None) -> tuple[Model, ModelData]:
    """The model, and the rows by its step. Of repeated rows the last counts, and where rows are off the step
    the last row of each step.

    state: of an earlier run: without a model file it says how the file is read. Raises what reading raises,
    but for rows off the step where bins of one can be told; and for repeated rows where they are too many to
    be some that were written twice.
    """
    more: dict[str, Any] = {}
    notes: tuple[str, ...] = ()
    while True:
        try:
            model, given = _opened(options, more, state)
        except DataError as error:
            mend, note = _mended(options, error, state)
            if not mend or mend.keys() <= more.keys():
                raise
            more, notes, first = more | mend, (*notes, *note), error
            continue
        roles = model.contract.roles
        unnamed = is_builtin(options.model) and "on_duplicate" in more and not roles.series
        if unnamed and _repeated(given) > _MOST_REPEATED:
            raise first
        check_not_ahead(given, state)
        return model, replace(given, notes=(*notes, *given.notes))


def _mended(
    options: WatchOptions, error: DataError, state: WatchState | None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Settings that read the file all the same, none where there are none, and notes on them."""
    if error.kind in _OFF_STEP:
        bins = next((str(mend["resample"]) for mend in error.mends if "resample" in mend), "")
        step = bins.partition("=")[0]
        if step and state is not None and is_builtin(options.model):
            own = state.contract.step
            step = step_text(own) if own.kind in ("fixed", "month", "plain") else ""
        if not step:
            return {}, ()
        return {"resample": f"{step}=last"}, (f"{error}; the last row of each {step} is judged",)
    if error.kind != "duplicate-time" or "on_duplicate" in options.policies:
        return {}, ()
    clock = any("timezone" in mend for mend in error.mends)
    return {"on_duplicate": "last"}, ((f"{error}; the last row counts",) if clock else ())


def _repeated(given: ModelData) -> float:
    """The share of rows that repeat others, by the note on them."""
    found = [match for note in given.notes if (match := _REPEATS.match(note))]
    rows = sum(int(match[1].replace(",", "")) for match in found)
    return rows / (rows + len(given.panel.values))


def _opened(options: WatchOptions, more: dict[str, Any], state: WatchState | None) -> tuple[Model, ModelData]:
    if not is_builtin(options.model):
        model, known = read_model(options.model), state is not None
        policies = options.policies | more
        return model, _given(
            lambda: read_for_model(model, options.model, options.data, policies, None, "watch", known),
            model.contract if known else None,
        )
    if state is not None:
        return _opened_by_state(options, more, state)
    from lstmcli.jobs.builtin import open_builtin, shares_note
    from lstmcli.settings.model import Settings

    settings = options.settings
    if more:
        chosen = settings.model_dump(exclude_unset=True) if settings is not None else {}
        settings = Settings.model_validate(chosen | more)
    model, given = open_builtin(options.data, settings)
    notes = tuple(note for note in given.notes if note != shares_note(model.network))
    return model, replace(given, notes=notes)  # what judges is another forecaster, see `judging`


def _opened_by_state(
    options: WatchOptions, more: dict[str, Any], state: WatchState
) -> tuple[Model, ModelData]:
    """As an earlier run has read: few rows, or one, do not show step, season and marks of decimals."""
    contract, chosen = state.contract, {}
    if (settings := options.settings) is not None:
        _check_named(options, state)
        reading = settings.options
        chosen = {n: getattr(reading, n) for n in settings.model_fields_set & vars(reading).keys()}
        chosen = {n: part for n, part in chosen.items() if n not in ("step", "time")}
    usual = {"on_gap": "mask", "on_duplicate": "error"}
    reading = options_with(contract, usual | chosen | more)
    try:
        given = _given(lambda: read_by_contract(contract, options.data, reading, new_rows=True), contract)
    except DataError as error:
        if error.kind not in ("unknown-column", "other-step"):
            raise
        said = f"{error}; the state {options.state} is of other data: take another --state file"
        raise DataError(error.kind, said) from None
    return builtin_by_state(state), given


def _given(read: Callable[[], ModelData], known: Contract | None) -> ModelData:
    """What is read; nothing of a file without rows, as a log that was begun anew, where it is known how its
    rows will be read."""
    try:
        return read()
    except DataError as error:
        if error.kind != "empty" or known is None:
            raise
        nothing = empty_panel(known.roles, known.step)
        return ModelData(nothing, error.path or "the data", (f"{error}: nothing is new",), known.time_pattern)


def builtin_by_state(state: WatchState) -> Model:
    """The built-in network for the columns, the step and the seasons of a state."""
    from lstmcli.jobs.builtin import builtin_by_contract

    return builtin_by_contract(state.contract, state.forecaster.season, state.forecaster.second)


def _check_named(options: WatchOptions, state: WatchState) -> None:
    """Raises DataError where settings name other columns, or another step, than the state has."""
    settings, roles, step = options.settings, state.contract.roles, state.contract.step
    assert settings is not None
    named = {"series": settings.series, "targets": settings.target}
    found = {n: list(columns) for n, columns in named.items() if columns != "auto"}
    other: dict[str, Any] = {n: columns for n, columns in found.items() if {*columns} != {*getattr(roles, n)}}
    asked = settings.options.parsed_step
    if step.kind == "open" and settings.open == "always":
        other["step"] = Step("fixed", step.count).describe()
    if asked is not None and not is_step_of(step, asked):
        other["step"] = asked.describe()
    if not takes_times_from(state.contract, settings.time):
        other["time"] = settings.time
    check_watched(state, other, str(options.state))
