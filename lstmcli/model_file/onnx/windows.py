"""Context windows and what they are compared with: the graph of `lstmcli.windows.cut`."""

from dataclasses import dataclass

import numpy as np

from lstmcli.model_file.onnx import scaling as scales
from lstmcli.model_file.onnx.builder import FLOAT32, FLOAT64, Tensor, concat
from lstmcli.model_file.onnx.inputs import Inputs, input_columns
from lstmcli.model_file.onnx.scaling import GraphScale, build_last_observed, build_observed_span
from lstmcli.network.architecture import Network
from lstmcli.windows.cut import FAR, FAR_COVARIATE, WindowSpec, lag_of, simple_forecasts
from lstmcli.windows.scaling import Scaling


@dataclass(frozen=True)
class GraphRows:
    """The last context + horizon rows of every series, and the horizon after them where it is known.

    filled, observed  (series, context + horizon), transformed values
    outside           (series, context + horizon), rows before the start of a series; None if not needed
    known             the inputs, all in these rows
    columns           how many columns each covariate input has
    """

    filled: Tensor
    observed: Tensor
    outside: Tensor | None
    known: Inputs
    columns: dict[str, int]


@dataclass(frozen=True)
class GraphWindows:
    """One window of every series, as `lstmcli.windows.cut.Windows`; None for what the model does not read."""

    context: Tensor
    observed: Tensor
    covariates: Tensor | None
    ahead: Tensor | None
    past_codes: Tensor | None
    future_codes: Tensor | None
    codes_ahead: Tensor | None
    static: Tensor | None
    static_codes: Tensor | None
    levels: Tensor
    baselines: dict[str, Tensor]
    scale: GraphScale


def build_rows(inputs: Inputs, network: Network) -> GraphRows:
    """Transforms values and lays covariates beside them; short series are padded with what is missing."""
    shape, columns = network.shape, input_columns(network)
    needed = shape.context + shape.horizon
    recent = inputs.values.padded(needed, np.nan).part(-needed, None, axis=1)
    filled, observed = scales.build_transform(recent, network.scaling)
    if inputs.lengths is None:
        return GraphRows(filled, observed, None, inputs, columns)
    first = (inputs.lengths.at_most(needed) * -1 + needed).expanded(1)  # (series, 1)
    places = inputs.lengths.builder.constant(np.arange(needed + shape.horizon))
    outside = first.greater(places.part(0, needed, axis=0))

    def laid_out(column: Tensor | None, count: int) -> Tensor | None:
        """The last `count` rows; those before the start of a series are as its first."""
        if column is None:
            return None
        padded = column.padded(needed, 0, rank=3).part(-count, None, axis=1)
        return padded.rows(places.part(0, count, axis=0).at_least(first))

    known = Inputs(
        values=inputs.values,
        past=laid_out(inputs.past, needed),
        past_codes=laid_out(inputs.past_codes, needed),
        future=laid_out(inputs.future, needed + shape.horizon),
        future_codes=laid_out(inputs.future_codes, needed + shape.horizon),
        calendar=laid_out(inputs.calendar, needed + shape.horizon),
        static=inputs.static,
        static_codes=inputs.static_codes,
    )
    return GraphRows(filled, observed, outside, known, columns)


def build_windows(rows: GraphRows, first: int, shape: WindowSpec, scaling: Scaling) -> GraphWindows:
    """The window of every series whose context starts at row `first`."""
    middle = first + shape.context
    filled, observed = rows.filled.part(first, middle, axis=1), rows.observed.part(first, middle, axis=1)
    scale = scales.build_scale(filled, observed, scaling, shape.season, shape.context)
    context = (scale.apply(filled) * observed.cast(FLOAT64)).cast(FLOAT32)
    known = rows.known
    covariates, ahead, placed = _covariates(rows, first, shape, scaling)
    static = [] if known.static is None else [_fixed(known.static, scaling)]
    static += [] if placed is None else [placed]

    return GraphWindows(
        context=context,
        observed=observed,
        covariates=covariates,
        ahead=ahead,
        past_codes=_part(known.past_codes, first, middle),
        future_codes=_part(known.future_codes, first, middle),
        codes_ahead=_part(known.future_codes, middle, middle + shape.horizon),
        static=concat(static, axis=1) if static else None,
        static_codes=known.static_codes,
        levels=scales.build_standardisation(scale.levels(), scaling.levels, FAR).cast(FLOAT32),
        baselines=build_baselines(context, observed, shape, shape.baselines),
        scale=scale,
    )


def _part(column: Tensor | None, first: int, last: int) -> Tensor | None:
    return None if column is None else column.part(first, last, axis=1)


def _fixed(static: Tensor, scaling: Scaling) -> Tensor:
    return scales.build_standardisation(static.cast(FLOAT64), scaling.static).cast(FLOAT32)


def _covariates(
    rows: GraphRows, first: int, shape: WindowSpec, scaling: Scaling
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Numbers and calendar of the context (series, context, columns) and of future covariates
    (series, horizon, columns), and the level of each number in the context (series, columns)."""
    middle, end = first + shape.context, first + shape.context + shape.horizon
    known, placed = rows.known, None
    past: list[Tensor] = []
    ahead: list[Tensor] = []
    if known.past is not None or known.future is not None:
        assert rows.outside is not None
        outside = rows.outside.part(first, middle, axis=1)
        numbers = [column for column in (known.past, known.future) if column is not None]
        before = concat([n.part(first, middle, axis=1) for n in numbers], axis=2).cast(FLOAT64)
        mean, spread = scales.build_window_statistics(before, outside, scaling.spreads)
        scaled = ((before - mean) / spread).clipped(-FAR_COVARIATE, FAR_COVARIATE)
        past.append(scaled)
        placed = scales.build_standardisation(mean.squeezed(1), scaling.covariates, FAR).cast(FLOAT32)
        if known.future is not None:
            later = known.future.part(middle, end, axis=1).cast(FLOAT64)
            new = -rows.columns["future"]
            later = (later - mean.part(new, None, axis=2)) / spread.part(new, None, axis=2)
            later = later.clipped(-FAR_COVARIATE, FAR_COVARIATE)
            ahead += _departures(scaled.part(new, None, axis=2), later, outside, shape, -new)
    if known.calendar is not None:
        past.append(known.calendar.part(first, middle, axis=1))
        ahead.append(known.calendar.part(middle, end, axis=1))
    return (
        concat([part.cast(FLOAT32) for part in past], axis=2) if past else None,
        concat([part.cast(FLOAT32) for part in ahead], axis=2) if ahead else None,
        placed,
    )


def _departures(
    before: Tensor, later: Tensor, outside: Tensor, shape: WindowSpec, columns: int
) -> list[Tensor]:
    """What each covariate known ahead differs from simple forecasts of it, (series, horizon, 1) each.

    before: (series, context, columns), later: (series, horizon, columns), both scaled.
    """
    inside, parts = ~outside, []
    for column in range(columns):
        numbers = before.part(column, column + 1, axis=2).squeezed(2) * inside.cast(before.dtype)
        ahead = later.part(column, column + 1, axis=2).squeezed(2)
        simple = build_baselines(numbers, inside, shape, simple_forecasts(shape))
        parts += [(ahead - forecast).expanded(2) for forecast in simple.values()]
    return parts


def build_baselines(
    context: Tensor, observed: Tensor, shape: WindowSpec, kinds: tuple[str, ...]
) -> dict[str, Tensor]:
    """The forecasts that the networks correct, in scaled units, (series, horizon) each."""
    return {kind: _baseline(kind, context, observed, shape) for kind in kinds}


def _baseline(kind: str, context: Tensor, observed: Tensor, shape: WindowSpec) -> Tensor:
    nothing = context.builder.constant(np.zeros((1, shape.horizon), context.dtype))
    if kind == "none":
        return nothing
    if kind == "last":
        return build_last_observed(context, observed, shape.context) + nothing
    if kind == "drift":
        return _drift(context, observed, shape)
    if kind == "profile":
        return _profile(context, observed, shape)
    lag = lag_of(kind, shape.season)
    # A missing value is 0 here: the location of the window.
    return context.take(shape.context - lag + np.arange(shape.horizon) % lag, axis=1)


def _profile(context: Tensor, observed: Tensor, shape: WindowSpec) -> Tensor:
    season = shape.season
    whole = shape.context // season * season
    seasons = context.part(-whole, None, axis=1).reshape(-1, whole // season, season)
    seen = observed.part(-whole, None, axis=1).cast(context.dtype).reshape(-1, whole // season, season)
    mean = (seasons.sum(1) / seen.sum(1).at_least(1)).squeezed(1)  # (series, season)
    last, last_seen = seasons.part(-1, None, axis=1).squeezed(1), seen.part(-1, None, axis=1).squeezed(1)
    level = last.sum(1) / last_seen.sum(1).at_least(1)
    moved = mean + (level - mean.sum(1) / season)
    return moved.take(np.arange(shape.horizon) % season, axis=1)


def _drift(context: Tensor, observed: Tensor, shape: WindowSpec) -> Tensor:
    first, last = build_observed_span(observed, shape.context)
    length = (last - first).at_least(1).cast(context.dtype)
    rise = (context.pick(last) - context.pick(first)) / length
    ahead = 0.5 * rise * np.arange(1, shape.horizon + 1)
    return build_last_observed(context, observed, shape.context) + ahead
