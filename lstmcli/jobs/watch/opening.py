"""A model and the rows to watch. Rows off the step are no reason to refuse a file: they are told."""

from dataclasses import replace
from typing import Any

from lstmcli.errors import DataError
from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.model_file import Model, read_model
from lstmcli.network.builtin_file import is_builtin
from lstmcli.tables.read.for_contract import ModelData, read_for_model

_OFF_STEP = ("irregular", "mixed-step")


def open_watched(options: WatchOptions) -> tuple[Model, ModelData]:
    """The model, and the rows by its step; where rows are off the step, the last row of each step.

    Raises what reading raises, but for rows off the step where bins of one can be told.
    """
    try:
        return _opened(options, {})
    except DataError as error:
        if error.kind not in _OFF_STEP:
            raise
        bins = next((str(mend["resample"]) for mend in error.mends if "resample" in mend), "")
        step = bins.partition("=")[0]
        if not step:
            raise
        model, given = _opened(options, {"resample": f"{step}=last"})
        note = f"{error}; the last row of each {step} is judged"
        return model, replace(given, notes=(note, *given.notes))


def _opened(options: WatchOptions, more: dict[str, Any]) -> tuple[Model, ModelData]:
    if not is_builtin(options.model):
        model = read_model(options.model)
        return model, read_for_model(model, options.model, options.data, options.policies | more)
    from lstmcli.jobs.builtin import open_builtin, shares_note
    from lstmcli.settings.model import Settings

    settings = options.settings
    if more and settings is not None:
        settings = Settings.model_validate(settings.model_dump(exclude_unset=True) | more)
    model, given = open_builtin(options.data, settings)
    notes = tuple(note for note in given.notes if note != shares_note(model.network))
    return model, replace(given, notes=notes)  # what judges is another forecaster, see `judging`
