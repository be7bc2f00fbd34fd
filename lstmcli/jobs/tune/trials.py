"""One trial: settings, and the error in each fold of a network trained with them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from lstmcli.errors import LstmcliError, SystemFailed
from lstmcli.evaluation.scores import PointErrors
from lstmcli.evaluation.validation import score_network
from lstmcli.files.children import Send
from lstmcli.forecasting.plan import Plan, decide
from lstmcli.jobs.tune.folds import TuningFold
from lstmcli.jobs.tune.space import MultipleOf, Space
from lstmcli.jobs.tune.trial_process import run_in_process
from lstmcli.learning.progress import Progress
from lstmcli.learning.train import train_network
from lstmcli.settings.load import validate_settings
from lstmcli.settings.model import Settings

TrialStatus = Literal["complete", "pruned", "refused", "cut off"]
_SECONDS_BETWEEN_NEWS = 0.05


class TrialRefused(Exception):
    """A trial whose settings do not fit the data, or whose training diverged."""


@dataclass(frozen=True)
class Trial:
    """number 0 has the defaults.

    settings  the searched settings and their values; none for the defaults
    errors    of each fold that was trained
    reason    why it was refused
    """

    number: int
    state: TrialStatus
    settings: dict[str, Any]
    errors: tuple[float, ...]
    seconds: float
    reason: str = ""

    @property
    def error(self) -> float | None:
        """The mean of the folds."""
        return sum(self.errors) / len(self.errors) if self.errors else None


@dataclass(frozen=True)
class TrialProgress:
    """How far a trial is: in a fold, counted from 1, of so many; now: of one of the members in training."""

    trial: int
    fold: int
    folds: int
    members: int
    now: Progress


ShowTrial = Callable[[TrialProgress], None]


def model_errors_in(
    fold: TuningFold,
    settings: Settings,
    season: int,
    deadline: float | None,
    tell: Callable[[tuple[int, Progress]], None] | None = None,
) -> PointErrors:
    """Errors in a fold of a network trained in a process of its own.

    season: of MASE; tell: gets how many members train, and how far one is. Raises TrialRefused, or TimeIsUp.
    """
    work = partial(_train_and_score, fold, settings, season)
    found: PointErrors | str = run_in_process(work, deadline, tell)
    if isinstance(found, str):
        raise TrialRefused(found)
    return found


def _train_and_score(fold: TuningFold, settings: Settings, season: int, send: Send) -> PointErrors | str:
    """Errors, or why there are none."""
    try:
        # Trained once: the refit would double the time, and change all trials alike, as a mix would.
        plan = replace(decide(fold.training, settings), refit=False, mix="network")
        network = train_network(fold.training, plan, _news_to(send, plan.arch.members)).network
        return score_network(network, fold.known, season, fold.series, fold.origins).errors["model"]
    except SystemFailed:
        raise
    except LstmcliError as error:
        return str(error)


def _news_to(send: Send, members: int) -> Callable[[Progress], None]:
    """Sends how far a member is: all checks, and some of the steps between them."""
    sent = 0.0

    def report(now: Progress) -> None:
        nonlocal sent
        if now.validation_loss is not None or time.monotonic() - sent >= _SECONDS_BETWEEN_NEWS:
            sent = time.monotonic()
            send((members, now))

    return report


def concrete_values(suggestion: Mapping[str, Any], space: Space, plan: Plan) -> dict[str, Any]:
    """The values of settings that were suggested; multiples of what the plan of the defaults decided.

    A context is rounded to whole segments.
    """
    decided = decided_values(plan)
    values = dict(suggestion)
    for name in ("segment", "hidden", "steps"):
        if isinstance(space.get(name), MultipleOf):
            values[name] = max(1, round(suggestion[name] * decided[name]))
    if isinstance(space.get("context"), MultipleOf):
        segment = values.get("segment", decided["segment"])
        segment = decided["segment"] if segment == "auto" else segment
        values["context"] = segment * max(1, round(suggestion["context"] * decided["context"] / segment))
    return values


def decided_values(plan: Plan) -> dict[str, Any]:
    """What `auto` of the settings came to that a trial takes multiples of."""
    return {
        "context": plan.shape.context,
        "segment": plan.arch.segment,
        "hidden": plan.arch.hidden,
        "steps": plan.steps,
    }


def settings_with(base: Settings, values: Mapping[str, Any]) -> Settings:
    """Raises SettingsError."""
    chosen = base.model_dump(exclude_unset=True) | dict(values)
    return validate_settings(chosen, dict.fromkeys(chosen, "tune"))
