"""One trial: settings, and the error in each fold of a network trained with them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from lstmcli.errors import LstmcliError, SystemFailed
from lstmcli.evaluation.scores import PointErrors
from lstmcli.evaluation.validation import score_network
from lstmcli.forecasting.plan import Plan, decide
from lstmcli.jobs.tune.folds import TuningFold
from lstmcli.jobs.tune.space import MultipleOf, Space
from lstmcli.jobs.tune.trial_process import run_in_process
from lstmcli.learning.progress import Progress
from lstmcli.learning.train import train_network
from lstmcli.settings.load import validate_settings
from lstmcli.settings.model import Settings

TrialStatus = Literal["complete", "pruned", "refused", "cut off"]


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


def model_errors_in(fold: TuningFold, settings: Settings, season: int, deadline: float | None) -> PointErrors:
    """Errors in a fold of a network trained in a process of its own; season: of MASE.

    Raises TrialRefused, or TimeIsUp.
    """
    found: PointErrors | str = run_in_process(partial(_train_and_score, fold, settings, season), deadline)
    if isinstance(found, str):
        raise TrialRefused(found)
    return found


def _train_and_score(fold: TuningFold, settings: Settings, season: int) -> PointErrors | str:
    """Errors, or why there are none."""
    try:
        # Trained once: the refit would double the time, and change all trials alike, as a mix would.
        plan = replace(decide(fold.training, settings), refit=False, mix="network")
        network = train_network(fold.training, plan, _ignore).network
        return score_network(network, fold.known, season, fold.series, fold.origins).errors["model"]
    except SystemFailed:
        raise
    except LstmcliError as error:
        return str(error)


def _ignore(_: Progress) -> None:
    pass


def concrete_values(suggestion: Mapping[str, Any], space: Space, plan: Plan) -> dict[str, Any]:
    """The values of settings that were suggested; multiples of what the plan of the defaults decided.

    A context is rounded to whole segments.
    """
    decided = {
        "context": plan.shape.context,
        "segment": plan.arch.segment,
        "hidden": plan.arch.hidden,
        "steps": plan.steps,
    }
    values = dict(suggestion)
    for name in ("segment", "hidden", "steps"):
        if isinstance(space.get(name), MultipleOf):
            values[name] = max(1, round(suggestion[name] * decided[name]))
    if isinstance(space.get("context"), MultipleOf):
        segment = values.get("segment", decided["segment"])
        segment = decided["segment"] if segment == "auto" else segment
        values["context"] = segment * max(1, round(suggestion["context"] * decided["context"] / segment))
    return values


def settings_with(base: Settings, values: Mapping[str, Any]) -> Settings:
    """Raises SettingsError."""
    chosen = base.model_dump(exclude_unset=True) | dict(values)
    return validate_settings(chosen, dict.fromkeys(chosen, "tune"))
