"""A model and the rows to watch. Rows off the step, or repeated, are no reason to refuse a file."""

import re
from dataclasses import replace
from typing import Any

from lstmcli.errors import DataError
from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.model_file import Model, read_model
from lstmcli.model_file.watch_state import WatchState
from lstmcli.network.builtin_file import is_builtin
from lstmcli.tables.read.for_contract import ModelData, read_for_model

_OFF_STEP = ("irregular", "mixed-step")
_REPEATS = re.compile(r"([\d,]+) rows? repeat")  # of `gaps.duplicates_note`
_MOST_REPEATED = 0.05  # of the rows; more are rather those of series that nothing tells apart


def open_watched(options: WatchOptions, state: WatchState | None = None) -> tuple[Model, ModelData]:
    """The model, and the rows by its step. Of repeated rows the last counts, and where rows are off the step
    the last row of each step.

    state: of an earlier run, whose series columns count where repeated rows hide them. Raises what reading
    raises, but for rows off the step where bins of one can be told; and for repeated rows where they are too
    many to be some that were written twice.
    """
    more: dict[str, Any] = {}
    notes: tuple[str, ...] = ()
    while True:
        try:
            model, given = _opened(options, more)
        except DataError as error:
            mend, note = _mended(options, state, error)
            if not mend or mend.keys() <= more.keys():
                raise
            more, notes, first = more | mend, (*notes, *note), error
            continue
        roles = model.contract.roles
        unnamed = is_builtin(options.model) and "on_duplicate" in more and not roles.series
        if unnamed and _repeated(given) > _MOST_REPEATED:
            raise first
        return model, replace(given, notes=(*notes, *given.notes))


def _mended(
    options: WatchOptions, state: WatchState | None, error: DataError
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Settings that read the file all the same, none where there are none, and notes on them."""
    if error.kind in _OFF_STEP:
        bins = next((str(mend["resample"]) for mend in error.mends if "resample" in mend), "")
        step = bins.partition("=")[0]
        if not step:
            return {}, ()
        return {"resample": f"{step}=last"}, (f"{error}; the last row of each {step} is judged",)
    if error.kind != "duplicate-time" or "on_duplicate" in options.policies:
        return {}, ()
    columns = list(state.columns["series"]) if state is not None and is_builtin(options.model) else []
    return {"on_duplicate": "last"} | ({"series": columns} if columns else {}), ()


def _repeated(given: ModelData) -> float:
    """The share of rows that repeat others, by the note on them."""
    found = [match for note in given.notes if (match := _REPEATS.match(note))]
    rows = sum(int(match[1].replace(",", "")) for match in found)
    return rows / (rows + len(given.panel.values))


def _opened(options: WatchOptions, more: dict[str, Any]) -> tuple[Model, ModelData]:
    if not is_builtin(options.model):
        model = read_model(options.model)
        return model, read_for_model(model, options.model, options.data, options.policies | more)
    from lstmcli.jobs.builtin import open_builtin, shares_note
    from lstmcli.settings.model import Settings

    settings = options.settings
    if more:
        chosen = settings.model_dump(exclude_unset=True) if settings is not None else {}
        settings = Settings.model_validate(chosen | more)
    model, given = open_builtin(options.data, settings)
    notes = tuple(note for note in given.notes if note != shares_note(model.network))
    return model, replace(given, notes=notes)  # what judges is another forecaster, see `judging`
