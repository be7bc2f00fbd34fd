"""The search: Optuna proposes settings, the folds score them, poor trials end early."""

import math
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from lstmcli.errors import SettingsError, UsageError
from lstmcli.evaluation.scores import Metric, error_of
from lstmcli.forecasting.plan import Plan
from lstmcli.jobs.tune.folds import TuningFold
from lstmcli.jobs.tune.journal import open_study
from lstmcli.jobs.tune.space import MultipleOf, OneOf, Space, study_text
from lstmcli.jobs.tune.trial_process import TimeIsUp
from lstmcli.jobs.tune.trials import (
    ShowTrial,
    Trial,
    TrialProgress,
    TrialRefused,
    TrialStatus,
    concrete_values,
    model_errors_in,
    settings_with,
)
from lstmcli.learning.progress import Progress
from lstmcli.settings.model import Settings
from lstmcli.settings.text import yaml_value

_NAME = "lstmcli"
_PRUNED_AFTER = 4  # trials, whose median then is a bar
_STATES: dict[TrialStatus, TrialState] = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "refused": TrialState.FAIL,
    "cut off": TrialState.FAIL,
}


@dataclass(frozen=True)
class SearchTask:
    """The search space, and the data to search on.

    base         settings that are fixed; plan: what they come to on the whole data
    fingerprint  of the data: a study goes on only with the same
    metric       the error to minimise: "mae" where MASE is not defined
    naive        that error of seasonal naive, the mean of the folds
    """

    base: Settings
    space: Space
    plan: Plan
    folds: list[TuningFold]
    fingerprint: str
    metric: Metric
    naive: float

    @property
    def identity(self) -> str:
        """A text that is the same for all trials of one study."""
        fixed = self.base.model_dump(mode="json", exclude={"processes", "device"})
        return f"({self.fingerprint!r}, {fixed!r}, {study_text(self.space)}, {len(self.folds)})"


@dataclass(frozen=True)
class Budget:
    """When to end: after so many trials, those of earlier runs counted too, or at a time of
    `time.monotonic`."""

    trials: int | None
    deadline: float | None

    def used_up(self, trials: int) -> bool:
        late = self.deadline is not None and time.monotonic() >= self.deadline
        return late or (self.trials is not None and trials >= self.trials)


def search(
    task: SearchTask, budget: Budget, path: Path | None, show: ShowTrial | None = None
) -> Iterator[Trial]:
    """Trials as they end, those of an earlier run first; the defaults are tried before anything else,
    and in any case.

    path: file of the study, or None to keep none; show: gets how far the trial in work is. The same task
    gives the same trials. Raises UsageError where the file holds a study of something else, and as
    `journal.open_study` does.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with open_study(path) if path else nullcontext() as storage:
        study = _study(storage, task, path)
        done = [_earlier(trial) for trial in study.trials]
        yield from done
        while not (_has_default(done) and budget.used_up(len(done))):
            done.append(_run_trial(study, task, budget, done, show))
            yield done[-1]


def _study(storage: Any, task: SearchTask, path: Path | None) -> optuna.Study:
    study = optuna.create_study(
        storage=storage,
        study_name=_NAME,
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_PRUNED_AFTER),
    )
    if study.user_attrs.get("identity", task.identity) != task.identity:
        raise UsageError(f"{path}: a study of other data, settings or another space; name another file")
    study.set_user_attr("identity", task.identity)
    for trial in study.get_trials(states=(TrialState.RUNNING,)):  # of a run that was killed
        study.tell(trial.number, state=TrialState.FAIL)
    # A study that goes on must not draw again what it drew first.
    study.sampler = optuna.samplers.TPESampler(seed=task.base.seed + len(study.trials))
    return study


def _earlier(trial: optuna.trial.FrozenTrial) -> Trial:
    kept = trial.user_attrs
    return Trial(
        trial.number,
        kept.get("state", "cut off"),
        kept.get("settings", {}),
        tuple(kept.get("errors", ())),
        kept.get("seconds", 0.0),
        kept.get("reason", ""),
    )


def _has_default(done: list[Trial]) -> bool:
    return any(not trial.settings and trial.state in ("complete", "refused") for trial in done)


def _run_trial(
    study: optuna.Study, task: SearchTask, budget: Budget, done: list[Trial], show: ShowTrial | None
) -> Trial:
    started = time.monotonic()
    first = not _has_default(done)
    if first and (point := _default_point(task)):
        study.enqueue_trial(point)
    trial = study.ask()
    suggestion = {} if first and not _default_point(task) else _suggest(trial, task.space)
    values = {} if first else concrete_values(suggestion, task.space, task.plan)
    trial.set_user_attr("settings", values)
    errors: list[float] = []
    reason = ""
    state: TrialStatus
    try:
        deadline = None if first else budget.deadline
        state = _score_folds(trial, task, values, errors, deadline, done, show)
    except (TrialRefused, SettingsError) as error:
        reason, state = str(error), "refused"
    except TimeIsUp:
        state = "cut off"
    seconds = time.monotonic() - started
    for name, value in (("state", state), ("errors", errors), ("seconds", seconds), ("reason", reason)):
        trial.set_user_attr(name, value)
    result = Trial(trial.number, state, values, tuple(errors), seconds, reason)
    study.tell(trial, result.error if state == "complete" else None, _STATES[state])
    return result


def _score_folds(
    trial: optuna.Trial,
    task: SearchTask,
    values: dict[str, Any],
    errors: list[float],
    deadline: float | None,
    done: list[Trial],
    show: ShowTrial | None,
) -> TrialStatus:
    """Adds the error of fold after fold. Raises TrialRefused, SettingsError or TimeIsUp."""
    same = [t for t in done if values and t.settings == values and t.state == "complete"]
    settings, season, folds = settings_with(task.base, values), task.plan.shape.season, len(task.folds)
    for number, fold in enumerate(task.folds):

        def tell(news: tuple[int, Progress], fold_number: int = number + 1) -> None:
            if show:
                show(TrialProgress(trial.number, fold_number, folds, *news))

        if same:
            error = same[0].errors[number]
        else:
            error = error_of(model_errors_in(fold, settings, season, deadline, tell), task.metric)
        if not math.isfinite(error):
            raise TrialRefused("its error is not a number")
        errors.append(error)
        trial.report(sum(errors) / len(errors), number)
        if trial.should_prune() and number + 1 < folds:
            return "pruned"
    return "complete"


def _suggest(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    suggestion: dict[str, Any] = {}
    for name, choice in space.items():
        if isinstance(choice, OneOf):
            values = {yaml_value(value): value for value in choice.values}
            suggestion[name] = values[trial.suggest_categorical(name, list(values))]
        elif isinstance(choice, MultipleOf):
            suggestion[name] = trial.suggest_categorical(name, choice.factors)
        elif choice.whole:
            suggestion[name] = trial.suggest_int(name, int(choice.low), int(choice.high), log=choice.log)
        else:
            suggestion[name] = trial.suggest_float(name, choice.low, choice.high, log=choice.log)
    return suggestion


def _default_point(task: SearchTask) -> dict[str, Any] | None:
    """Where in the space the defaults are, so that the sampler learns from them; None if outside."""
    base = task.base.model_dump(mode="json")
    point: dict[str, Any] = {}
    inside: bool
    place: Any
    for name, choice in task.space.items():
        value = base[name]
        if isinstance(choice, OneOf):
            inside, place = value in choice.values, yaml_value(value)
        elif isinstance(choice, MultipleOf):
            inside, place = 1 in choice.factors, 1
        else:
            inside = isinstance(value, int | float) and choice.low <= value <= choice.high
            place = value
        if not inside:
            return None
        point[name] = place
    return point
