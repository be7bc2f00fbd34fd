"""Training on from a model there is, and whether a new one is better than it."""

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from lstmcli.errors import DataError, SettingsError
from lstmcli.evaluation.scores import PointErrors, common_metric, error_of
from lstmcli.evaluation.validation import score_network
from lstmcli.forecasting.plan import Plan
from lstmcli.model_file import Contract, Model
from lstmcli.model_file.contract import trained_lengths
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.settings.model import Settings

# An update takes a tenth of the steps of a whole training, and a third of its learning rate: the best of
# a fifth to a twentieth, and of a tenth to the whole, on temperature, employment, weather and prices.
_SHARE_OF_STEPS = 10
_SHARE_OF_RATE = 3
_COLUMNS = ("targets", "past", "future", "static", "categorical", "step")
_TABLES = ("static_tables", "past_tables", "future_tables")


def settings_like(settings: Settings, old: Model) -> Settings:
    """The settings with those of a model wherever the user chose none.

    What was decided from the data when the model was trained stays decided.
    """
    chosen = settings.model_fields_set | {"processes", "device"}
    kept = {k: v for k, v in old.settings.items() if k in Settings.model_fields and k not in chosen}
    return Settings.model_validate(settings.model_dump(exclude_unset=True) | kept)


def plan_like(plan: Plan, old: Model, contract: Contract, refit_chosen: bool) -> Plan:
    """The plan of a short training that starts from the weights of a model.

    Its values are scaled as they were for the model, so that its weights keep their meaning; a
    category that the model does not know counts as unseen. It ends with a training on all rows, as
    those that are new may all be held out before, but where the user chose whether it does. Raises
    SettingsError where the model is of another shape.
    """
    network = old.network
    ours = {k: v for k, v in asdict(plan.arch).items() if k not in _TABLES} | asdict(plan.shape)
    theirs = {k: v for k, v in asdict(network.arch).items() if k not in _TABLES} | asdict(network.shape)
    ours |= {k: len(getattr(plan.arch, k)) for k in _TABLES} | {"transform": plan.scaling.transform}
    theirs |= {k: len(getattr(network.arch, k)) for k in _TABLES} | {"transform": network.scaling.transform}
    ours |= {"location": plan.scaling.location} | {k: getattr(contract, k) for k in _COLUMNS}
    theirs |= {"location": network.scaling.location} | {k: getattr(old.contract, k) for k in _COLUMNS}
    other = [f"{k} (model: {_text(theirs[k])}; now: {_text(ours[k])})" for k in ours if ours[k] != theirs[k]]
    if other:
        raise SettingsError(
            f"the model cannot be updated, as it differs in {', '.join(other)}; train without --update"
        )
    steps = max(1, plan.steps // _SHARE_OF_STEPS)
    refit = plan.refit or not refit_chosen
    # Weights that are good are moved less.
    learning = replace(plan.learning, learning_rate=plan.learning.learning_rate / _SHARE_OF_RATE)
    return replace(
        plan, scaling=network.scaling, arch=network.arch, steps=steps, refit=refit, learning=learning
    )


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def weights_digest(network: Network) -> str:
    """SHA-256 of all weights."""
    digest = hashlib.sha256()
    for name in sorted(network.weights):
        digest.update(name.encode() + np.ascontiguousarray(network.weights[name]).tobytes())
    return digest.hexdigest()


def keep_wider_intervals(network: Network, old: Model) -> Network:
    """An updated network with intervals that are no narrower than those of the model before.

    The weights it started from may have seen values that are held out now, and errors on these are
    too small for the width of an interval.
    """
    widths = tuple(max(a, b) for a, b in zip(network.widths, old.network.widths, strict=True))
    return replace(network, widths=widths)


@dataclass(frozen=True)
class ComparisonWindows:
    """Windows that two models are compared on: series and origin of each, (windows,).

    new: whether the targets of all are later than what the older model was trained on.
    """

    series: Indices
    origins: Indices
    new: bool


def new_to(old: Model, panel: Panel, series: Indices, origins: Indices) -> ComparisonWindows:
    """Those of the windows that are new to a model, as it would look too good on others; all where
    none is, or where the model does not tell."""
    trained = trained_lengths(panel, old.contract)
    some = np.zeros(len(series), bool) if trained is None else origins >= trained[series]
    return (
        ComparisonWindows(series[some], origins[some], True)
        if some.any()
        else ComparisonWindows(series, origins, False)
    )


def model_errors(
    model: Model, panel: Panel, contract: Contract, plan: Plan, windows: ComparisonWindows
) -> PointErrors | str:
    """Errors of a model on windows; or why it has none."""
    horizon = plan.shape.horizon
    for name in _COLUMNS:
        if getattr(model.contract, name) != getattr(contract, name):
            return f"it has other {name}"
    if model.network.arch.horizon < horizon:
        return f"it forecasts {model.network.arch.horizon} steps"
    season, series, origins = plan.shape.season, windows.series, windows.origins
    try:
        return score_network(model.network, panel, season, series, origins, horizon).errors["model"]
    except DataError as error:
        return str(error)


def reason_to_keep(old: PointErrors, new: PointErrors, windows: ComparisonWindows) -> str | None:
    """Why a model is better than a new one, or None where it is not."""
    metric = common_metric((old, new))
    before, now = error_of(old, metric), error_of(new, metric)
    if not before < now:
        return None
    where = "windows that are new to both" if windows.new else "the same windows"
    return f"its {metric.upper()} on {where} is {before:.4g}, that of the new one {now:.4g}"
