"""What the graph is fed: one tensor per role, only those that the model needs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.model_file.onnx.builder import FLOAT32, FLOAT64, INT64, Builder, Tensor
from lstmcli.network.architecture import Network
from lstmcli.series.panel import Panel
from lstmcli.windows.covariates import covariates_of
from lstmcli.windows.cut import simple_forecasts

# Name, type and dimensions of every input there can be; the last one is its columns, where it has any.
_AHEAD = "length_and_horizon"
_INPUTS = {
    "values": (FLOAT64, ("series", "length")),
    "lengths": (INT64, ("series",)),
    "past": (FLOAT32, ("series", "length")),
    "future": (FLOAT32, ("series", _AHEAD)),
    "calendar": (FLOAT32, ("series", _AHEAD)),
    "past_codes": (INT64, ("series", "length")),
    "future_codes": (INT64, ("series", _AHEAD)),
    "static": (FLOAT32, ("series",)),
    "static_codes": (INT64, ("series",)),
}


@dataclass(frozen=True)
class Inputs:
    """The inputs as tensors of a graph; None where the model has no such input.

    values    (series, length) double, NaN where missing
    lengths   (series,) int64, rows that each series has, the last ones; those before are padding
    past      (series, length, columns) float          past_codes    the same in int64
    future    (series, length + horizon, columns)       future_codes  the same in int64
    calendar  (series, length + horizon, columns) float, as `calendar.time_features`
    static    (series, columns) float                   static_codes  the same in int64
    Codes are rows of embeddings: 0 for what training has not seen, then its categories in order.
    """

    values: Tensor
    lengths: Tensor | None = None
    past: Tensor | None = None
    future: Tensor | None = None
    calendar: Tensor | None = None
    past_codes: Tensor | None = None
    future_codes: Tensor | None = None
    static: Tensor | None = None
    static_codes: Tensor | None = None


def input_columns(network: Network) -> dict[str, int]:
    """How many columns each covariate input of a model has; only those that it needs.

    The three columns of public holidays are the last ones of `future`.
    """
    arch, numbers = network.arch, len(network.scaling.spreads)
    calendar = arch.covariates - numbers
    future = (arch.ahead - calendar) // len(simple_forecasts(network.shape))
    counts = {
        "past": numbers - future,
        "future": future,
        "calendar": calendar,
        "past_codes": len(arch.past_tables),
        "future_codes": len(arch.future_tables),
        "static": arch.static - numbers,
        "static_codes": len(arch.static_tables),
    }
    return {name: count for name, count in counts.items() if count}


def declare_inputs(builder: Builder, network: Network) -> Inputs:
    """Declares the inputs that a model needs."""
    columns = input_columns(network)
    made = {}
    for name, (dtype, dimensions) in _INPUTS.items():
        if name == "values" or (name == "lengths" and _row_by_row(columns)):
            made[name] = builder.input(name, dtype, dimensions)
        elif name in columns:
            made[name] = builder.input(name, dtype, (*dimensions, columns[name]))
    return Inputs(**made)


def _row_by_row(columns: dict[str, int]) -> bool:
    """Whether there are covariates that change with time."""
    return any(not name.startswith("static") for name in columns)


def feed_inputs(network: Network, panel: Panel) -> dict[str, NDArray[np.generic]]:
    """The inputs for a panel with the rows ahead of `ahead.with_rows_ahead`: series end together."""
    shape, columns = network.shape, input_columns(network)
    known = covariates_of(panel, network.scaling, shape.calendar, shape.holidays)
    every, rows = (
        np.repeat(np.arange(len(panel)), np.diff(panel.offsets)),
        np.arange(len(panel.values))[:, None],
    )
    numbers, codes = known.numbers.at(every, rows)[:, 0], known.codes(rows)[:, 0]
    past, past_codes = panel.past.shape[1], codes.shape[1] - known.codes_ahead
    length = int(panel.lengths.max())

    def side_by_side(flat: NDArray[np.generic], fill: float, ahead: int) -> NDArray[np.generic]:
        out = np.full((len(panel), length + ahead, *flat.shape[1:]), fill, flat.dtype)
        for series, (first, count) in enumerate(zip(panel.offsets[:-1], panel.lengths, strict=True)):
            out[series, length - count :] = flat[first : first + count + ahead]
        return out

    made = {
        "values": side_by_side(panel.values, np.nan, 0),
        "lengths": panel.lengths.astype(np.int64),
        "past": side_by_side(numbers[:, :past], 0, 0),
        "future": side_by_side(numbers[:, past:], 0, shape.horizon),
        "calendar": side_by_side(known.calendar.at(every, rows)[:, 0], 0, shape.horizon),
        "past_codes": side_by_side(codes[:, :past_codes], 0, 0),
        "future_codes": side_by_side(codes[:, past_codes:], 0, shape.horizon),
        "static": panel.static,
        "static_codes": known.static_codes,
    }
    wanted = {"values", *columns, *(["lengths"] if _row_by_row(columns) else [])}
    return {name: array for name, array in made.items() if name in wanted}
