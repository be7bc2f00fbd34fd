"""From values to quantiles in the units of the data: the graph of `lstmcli.forecasting.forecast`,
with those of `lstmcli.forecasting.shrinkage` and `lstmcli.forecasting.intervals`."""

from dataclasses import dataclass

import numpy as np

from lstmcli.forecasting.intervals import RATIO_LIMIT, RATIO_POWER
from lstmcli.model_file.onnx.builder import FLOAT64, Tensor, concat, total, where
from lstmcli.model_file.onnx.inputs import Inputs
from lstmcli.model_file.onnx.network import build_forward
from lstmcli.model_file.onnx.scaling import build_restore
from lstmcli.model_file.onnx.windows import (
    GraphRows,
    GraphWindows,
    build_baselines,
    build_rows,
    build_windows,
)
from lstmcli.network.architecture import Network, of_medians


@dataclass(frozen=True)
class MemberErrors:
    """How wrong each member was just before, (series, 1) each; any number where that is not known."""

    members: list[Tensor]
    known: Tensor  # (series, 1) bool

    def scaled(self, scale: Tensor) -> "MemberErrors":
        return MemberErrors([error / scale for error in self.members], self.known)


def build_forecast(network: Network, inputs: Inputs) -> Tensor:
    """Continues every series by the horizon of the model, (series, horizon, quantiles)."""
    builder = inputs.values.builder
    with builder.stage("rows"):
        rows = build_rows(inputs, network)
    errors = None
    if network.error_power or network.usual_error:
        with builder.stage("before"):
            errors = build_recent_errors(network, rows)
    with builder.stage("now"):
        windows = build_windows(rows, network.shape.horizon, network.shape, network.scaling)
        scaled = build_quantiles(network, windows, errors.scaled(windows.scale.scale) if errors else None)
        return build_restore(windows.scale.undo(scaled), network.scaling)


def build_recent_errors(network: Network, rows: GraphRows) -> MemberErrors:
    """Mean absolute error of transformed values over the horizon that ends with the data."""
    context = network.shape.context
    windows = build_windows(rows, 0, network.shape, network.scaling)
    filled, seen = rows.filled.part(context, None, axis=1), rows.observed.part(context, None, axis=1)
    target, counted = windows.scale.apply(filled), seen.cast(FLOAT64)
    members = []
    for output in build_forward(*of_medians(network.weights, network.arch), windows):
        wrong = (target - output.squeezed(2).cast(FLOAT64)).abs() * counted * windows.scale.scale
        members.append(wrong.sum(1) / counted.sum(1).at_least(1))
    return MemberErrors(members, seen.any(axis=1) & windows.observed.any(axis=1))


def build_shares(errors: MemberErrors, trust: float) -> list[Tensor]:
    """Shares that fall with a power of the errors and add up to one, (series, 1) each."""
    mean = (total(errors.members) / len(errors.members)).at_least(1e-300)
    weights = [where(errors.known, error / mean, 1.0).at_least(1e-6) ** -trust for error in errors.members]
    together = total(weights)
    return [weight / together for weight in weights]


def build_combination(outputs: list[Tensor], shares: list[Tensor] | None) -> Tensor:
    """The mean of all members, (series, horizon, quantiles) double, weighted by shares."""
    doubles = [output.cast(FLOAT64) for output in outputs]
    if shares is None:
        return total(doubles) / len(doubles)
    return total([output * share.expanded(2) for output, share in zip(doubles, shares, strict=True)])


def build_quantiles(network: Network, windows: GraphWindows, errors: MemberErrors | None) -> Tensor:
    """Quantiles in scaled units, (series, horizon, quantiles): weighted, blended, stretched."""
    arch, blend = network.arch, network.blend
    middle = arch.quantiles.index(0.5)
    shares = build_shares(errors, network.error_power) if errors else None
    raw = build_combination(build_forward(network.weights, arch, windows), shares)
    if blend:
        made = build_baselines(windows.context, windows.observed, network.shape, (blend.baseline,))
        simple = made[blend.baseline].cast(FLOAT64).expanded(2)
        raw = raw + (1 - blend.weight) * (simple - _median(raw, middle))
    if errors and shares and network.usual_error:
        wrong = total([share * error for share, error in zip(shares, errors.members, strict=True)])
        ratio = (
            build_error_to_spread(wrong, raw, middle, arch.horizon * len(arch.quantiles))
            / network.usual_error
        )
        raw = build_widening(raw, middle, where(errors.known, ratio, 1.0))
    return build_stretching(raw, middle, network.widths)


def _median(forecast: Tensor, middle: int) -> Tensor:
    return forecast.part(middle, middle + 1, axis=2)


def build_error_to_spread(errors: Tensor, forecast: Tensor, middle: int, count: int) -> Tensor:
    """Errors (series, 1) relative to the mean distance of a forecast from its median."""
    spread = (forecast - _median(forecast, middle)).abs().sum(1, 2).squeezed(2) / count
    return errors / spread.at_least(1e-12)


def build_widening(forecast: Tensor, middle: int, ratio: Tensor) -> Tensor:
    """Intervals wider after errors larger than usual, and narrower after smaller; ratio: (series, 1)."""
    factor = ratio.clipped(1 / RATIO_LIMIT, RATIO_LIMIT) ** RATIO_POWER
    median = _median(forecast, middle)
    return median + (forecast - median) * factor.expanded(2)


def build_stretching(forecast: Tensor, middle: int, widths: tuple[float, ...]) -> Tensor:
    """Every distance from the median times its factor; an outer quantile is moved out to an inner one."""
    median = _median(forecast, middle)
    away = (forecast - median) * np.asarray(widths)
    columns = [away.part(q, q + 1, axis=2) for q in range(len(widths))]
    for q in range(middle + 1, len(widths)):
        columns[q] = columns[q].at_least(columns[q - 1])
    for q in range(middle - 1, -1, -1):
        columns[q] = columns[q].at_most(columns[q + 1])
    return median + concat(columns, axis=2)
