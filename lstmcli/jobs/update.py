"""The update of an existing model, and whether a new model is better than it."""

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
from lstmcli.network.architecture import Architecture, Network
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.settings.model import Settings
from lstmcli.settings.stored import stored_settings
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.scaling import Scaling

# An update takes a tenth of the steps of a whole training, and a third of its learning rate: the best of
# a fifth to a twentieth, and of a tenth to the whole, on temperature, employment, weather and prices.
_SHARE_OF_STEPS = 10
_SHARE_OF_RATE = 3
_TABLES = ("static_tables", "past_tables", "future_tables")


def settings_like(settings: Settings, old: Model) -> Settings:
    """The settings with those of a model wherever the user chose none.

    What was decided from the data when the model was trained stays decided; a model of before mixes existed
    stays without.
    """
    chosen = settings.model_fields_set | {"processes", "device"}
    stored = {"mix": "network"} | stored_settings(old.settings)
    kept = {k: v for k, v in stored.items() if k not in chosen}
    return Settings.model_validate(settings.model_dump(exclude_unset=True) | kept)


def plan_like(plan: Plan, old: Model, contract: Contract, refit_chosen: bool) -> Plan:
    """The plan of a short training that starts from the weights of a model.

    Its values are scaled as they were for the model, so that its weights keep their meaning; a
    category that the model does not know counts as unseen. It ends with a training on all rows, as
    the new ones may all be held out before, unless the user chose `refit`. Raises SettingsError where
    the model has another architecture, other windows or other columns.
    """
    network = old.network
    ours = _compared(plan.arch, plan.shape, plan.scaling, contract)
    theirs = _compared(network.arch, network.shape, network.scaling, old.contract)
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


def _compared(arch: Architecture, shape: WindowSpec, scaling: Scaling, contract: Contract) -> dict[str, Any]:
    """What must be the same in a model and in its update. Of embeddings only how many there are."""
    return {
        **{k: v for k, v in asdict(arch).items() if k not in _TABLES},
        **asdict(shape),
        **{k: len(getattr(arch, k)) for k in _TABLES},
        "transform": scaling.transform,
        "location": scaling.location,
        **_columns(contract),
    }


def _columns(contract: Contract) -> dict[str, Any]:
    """The columns that a model reads, by role, and the step of its rows."""
    roles = contract.roles
    return {
        "targets": roles.targets,
        "past": roles.past,
        "future": roles.future,
        "static": roles.static,
        "categorical": roles.categorical,
        "step": contract.step,
    }


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
    network = replace(network, widths=_wider(network.widths, old.network.widths))
    if network.mix and old.network.mix:
        widths = _wider(network.mix.widths, old.network.mix.widths)
        network = replace(network, mix=replace(network.mix, widths=widths))
    return network


def _wider(some: tuple[float, ...], others: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(max(a, b) for a, b in zip(some, others, strict=True))


@dataclass(frozen=True)
class ComparisonWindows:
    """Windows that two models are compared on: series and origin of each, (windows,).

    new: whether the targets of all are later than what the older model was trained on.
    """

    series: Indices
    origins: Indices
    new: bool


def new_to(old: Model, panel: Panel, series: Indices, origins: Indices) -> ComparisonWindows:
    """The windows that are new to a model, as it would look too good on others; all where none is
    new, or where the model file does not say."""
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
    theirs, ours = _columns(model.contract), _columns(contract)
    for name in ours:
        if theirs[name] != ours[name]:
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
