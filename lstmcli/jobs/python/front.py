"""The functions of lstmcli: they give forecasters."""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli import model_file
from lstmcli.errors import SettingsError, UsageError
from lstmcli.jobs.python.arguments import check_whole
from lstmcli.jobs.python.forecaster import Forecaster
from lstmcli.jobs.python.given import given_data
from lstmcli.jobs.python.results import Check, Tuned
from lstmcli.jobs.python.untrained import UntrainedForecaster
from lstmcli.jobs.python.words import in_python_words, python_words
from lstmcli.settings.load import validate_settings

if TYPE_CHECKING:
    from lstmcli.jobs.python.given import Data
    from lstmcli.settings.model import Settings


@in_python_words
def load(path: str | os.PathLike[str]) -> Forecaster:
    """A model from its file. Raises UsageError for what is no path, InputMissing, or DataError for what is no
    whole model file."""
    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"{type(path).__name__} is no model: give the path of one")
    return Forecaster(model_file.read_model(Path(path)))


@in_python_words
def builtin(**settings: Any) -> UntrainedForecaster:
    """The network that comes with lstmcli, mixed with exponential smoothing and Theta; needs no training.

    settings: of the data, and season, horizon, mix; see `lstmcli config show builtin`. Raises SettingsError
    naming every wrong one.
    """
    from lstmcli.settings.untrained import untrained_names

    validated = _settings("builtin", settings)
    other = sorted(settings.keys() - set(untrained_names()))
    if other:
        raise SettingsError(f"builtin: {', '.join(other)}: of training; lstmcli.train takes it")
    return UntrainedForecaster(validated)


@in_python_words
def train(data: "Data", **settings: Any) -> Forecaster:
    """Trains on the series of a table as `lstmcli train` does.

    data      DataFrame or Series of pandas, DataFrame of Polars, Table of Arrow, a path or a list of paths
    settings  as in a YAML file, see `lstmcli config defaults`; variables of the environment do not count.
              Members are trained one after another in this process, unless `processes` says otherwise

    Raises SettingsError naming every wrong setting, DataError, or TrainingDiverged.
    """
    from lstmcli.jobs.train import job

    given = given_data(data)
    request = job.TrainRequest(given.sources, partial(_settings, "train", settings))
    result = job.run_training(request)
    assert result.model is not None  # a model that goes to no file is never kept back
    paths = () if given.frame is not None else tuple(given.sources)
    return Forecaster(result.model, tuple(map(python_words, result.job.notes)), paths)


@in_python_words
def check(data: "Data", **settings: Any) -> Check:
    """Whether `train` accepts a table, what it would take for what, and what stands out. Nothing is changed.

    Arguments as of `train`. Raises SettingsError and InputMissing; what is wrong with data is in the result.
    """
    from lstmcli.jobs.check import check_for_training

    given = given_data(data)
    return Check(check_for_training(given.sources, _settings("check", settings)), given, "train")


@in_python_words
def tune(
    data: "Data",
    time: str | None = None,
    trials: int | None = None,
    folds: int = 3,
    study: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> Tuned:
    """Searches for better settings as `lstmcli tune` does: `lstmcli.train(data, **tuned.settings)` uses them.

    data      as of `train`
    time      how long, as "90s", "10m" or "2h"; trials: how many; neither: 10 minutes
    folds     times that each trial is trained and tested
    study     file that keeps the trials; one that is there is gone on with
    settings  that are fixed, and what is searched: hidden={"among": [16, 32]}, dropout={"from": 0, "to": 0.3}

    Needs `lstmcli[tune]`. Raises UsageError without it, SettingsError, and DataError as `train`.
    """
    from lstmcli.jobs.tune.job import search_budget, search_task
    from lstmcli.jobs.tune.space import split_space

    check_whole(trials=trials, folds=folds)
    until = search_budget(None if time is None else str(time), trials)
    from lstmcli.jobs.tune.study import search

    given = given_data(data)
    base, space = split_space(settings, dict.fromkeys(settings, "tune"))
    task = search_task(given.sources, base, space, folds)
    found = list(search(task, until, None if study is None else Path(study)))
    return Tuned(task, tuple(found), given)


def _settings(place: str, settings: dict[str, Any]) -> "Settings":
    return validate_settings(settings, dict.fromkeys(settings, place))
