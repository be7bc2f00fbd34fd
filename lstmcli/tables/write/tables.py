"""Tables out: a forecast or any table as CSV, JSON or NDJSON; `lstmcli.files` writes them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import Times, advance
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Key, Panel
from lstmcli.tables.write.dialects import PLAIN_DIALECT, TEXT_TABLES, OutputDialect
from lstmcli.tables.write.times import format_stamps, zoned_times

if TYPE_CHECKING:
    import pandas as pd

    from lstmcli.gates.replay import GateTrace
    from lstmcli.network.architecture import Architecture


@dataclass(frozen=True)
class FutureColumns:
    """Columns of a table of future covariates; static: the text of each column in each series."""

    time: str
    series: tuple[str, ...]
    static: dict[str, dict[Key, str]]
    future: tuple[str, ...]


def forecast_table(
    forecast: Forecast,
    time: str,
    pattern: str | None,
    quantiles: Sequence[float],
    origin: str = "",
    typed: bool = False,
) -> "pd.DataFrame":
    """One row per series and step: series columns, time, forecast (the median), quantiles.

    time: name of the column. pattern: how time stamps are written (`tables.read.patterns`), None for
    plain steps. origin: name of a column with the time of the last value, before the time; "" for none.
    typed: time stamps as such, not written.
    """
    import pandas as pd

    horizon, series = forecast.horizon, np.arange(len(forecast.keys))
    keys = np.repeat(series, horizon)
    columns: dict[str, object] = {
        name: np.array([key[k] for key in forecast.keys], dtype=object)[keys]
        for k, name in enumerate(forecast.key_names)
    }
    stamps = advance(forecast.starts[:, None], forecast.step, np.arange(horizon)).ravel()
    if origin:
        last = advance(forecast.starts, forecast.step, -1)
        columns[origin] = np.asarray(format_stamps(last, pattern))[keys]
    columns[time] = written_times(stamps, pattern, typed)
    for name, q in zip(number_columns(quantiles), (0.5, *quantiles), strict=True):
        columns[name] = forecast.values[:, :, forecast.quantiles.index(q)].ravel()
    return pd.DataFrame(columns)


def number_columns(quantiles: Sequence[float]) -> list[str]:
    """Names of the columns of the median and of quantiles."""
    return ["forecast", *(f"q{q:g}" for q in quantiles)]


def future_table(
    panel: Panel,
    missing: Sequence[NDArray[np.int64]],
    columns: FutureColumns,
    pattern: str | None,
    typed: bool = False,
) -> "pd.DataFrame":
    """The rows of each series that a forecast needs, with empty cells for future covariates.

    missing: positions of each series, see `horizon_rows.missing_future`. Series that are targets of the
    same rows share them. typed: as of `forecast_table`.
    """
    import pandas as pd

    rows: dict[tuple[Key, Any], None] = {}
    for s, places in enumerate(missing):
        key = panel.keys[s][: len(columns.series)]
        for time in advance(panel.starts[s], panel.step, places):
            rows[key, time] = None
    keys = [key for key, _ in rows]
    made: dict[str, object] = {name: [key[k] for key in keys] for k, name in enumerate(columns.series)}
    times = np.array([time for _, time in rows], panel.starts.dtype)
    made[columns.time] = written_times(times, pattern, typed)
    made |= {name: [columns.static[name][key] for key in keys] for name in columns.static}
    return pd.DataFrame(made | dict.fromkeys(columns.future, np.nan))


def written_times(times: Times, pattern: str | None, typed: bool) -> object:
    """Times (n,) as the input writes them or, where `typed`, as times."""
    return zoned_times(times, pattern) if typed else format_stamps(times, pattern)


def text_of(table: "pd.DataFrame", form: str, dialect: OutputDialect = PLAIN_DIALECT) -> str:
    """form: "csv", "tsv", "json" (a list of records) or "ndjson" (a record per line).

    An empty cell is null in JSON. Raises ValueError where JSON should hold what is beyond all numbers.
    """
    return text_of_cells({name: _cells(table[name]) for name in table.columns}, form, dialect)


def text_of_cells(table: Mapping[str, list[Any]], form: str, dialect: OutputDialect = PLAIN_DIALECT) -> str:
    """The same of columns as Python's own values, None for an empty cell."""
    cells = list(table.values())
    if form in TEXT_TABLES:  # half the time of pandas' own
        columns = cells if dialect.decimal == "." else list(map(dialect.numbers, cells))
        rows = dialect.rows(zip(*columns, strict=True))
        return dialect.beginning + dialect.row(list(table)) + rows
    records = (dict(zip(table, row, strict=True)) for row in zip(*cells, strict=True))
    lines = [json.dumps(record, allow_nan=False) for record in records]
    if form == "json":
        return "[\n" + ",\n".join(lines) + "\n]\n"
    return "".join(line + "\n" for line in lines)


def _cells(column: "pd.Series[Any]") -> list[Any]:
    """The cells of a column as Python's own values, None where there is none."""
    cells = column.tolist()
    missing = column.isna()
    return (
        [None if gone else cell for cell, gone in zip(cells, missing, strict=True)]
        if missing.any()
        else cells
    )


def csv_of(columns: Mapping[str, NDArray[Any]], dialect: OutputDialect = PLAIN_DIALECT) -> str:
    """Columns of one length as CSV; NaN is an empty cell."""
    import pandas as pd

    return text_of(pd.DataFrame(dict(columns)), "csv", dialect)


def trace_table(
    traced: "GateTrace",
    panel: Panel,
    arch: "Architecture",
    time: str,
    pattern: str | None,
    typed: bool = False,
    origin: str = "",
) -> "pd.DataFrame":
    """One row per window, step, layer and unit: every gate, the cell state c and the hidden state h.

    The time is that of the first value a step reads. Step 1 is the first that reads a value of the series;
    those before it, which a trained network makes of padding, are 0, -1 and so on.

    typed, origin: as of `forecast_table`.
    """
    import pandas as pd

    from lstmcli.gates.replay import unread_steps

    positions = traced.origins[:, None] - arch.context + np.arange(arch.steps) * arch.segment
    window, step = np.nonzero(~np.isnan(traced.layers[0].h[:, :, 0]))
    unread = unread_steps(arch, traced)[1][window]
    places = np.where(step < unread, positions[window, step], np.maximum(positions[window, step], 0))
    series = traced.series[window]
    stamps = advance(panel.starts[series], panel.step, places)
    each = arch.layers * arch.hidden
    rows: dict[str, object] = {
        name: np.repeat(np.array([panel.keys[s][k] for s in series], dtype=object), each)
        for k, name in enumerate(panel.key_names)
    }
    if origin:
        last = advance(panel.starts[series], panel.step, traced.origins[window] - 1)
        rows[origin] = pd.Series(written_times(last, pattern, typed)).repeat(each).array
    rows[time] = pd.Series(written_times(stamps, pattern, typed)).repeat(each).array
    rows["step"] = np.repeat(step + 1 - unread, each)
    rows["layer"] = np.tile(np.repeat(np.arange(arch.layers) + 1, arch.hidden), len(series))
    rows["unit"] = np.tile(np.arange(arch.hidden) + 1, len(series) * arch.layers)

    def column(of_layer: list[NDArray[np.floating]]) -> NDArray[np.floating]:
        return np.stack([values[window, step] for values in of_layer], axis=1).ravel()

    for gate in traced.layers[0].gates:
        rows[gate] = column([layer.gates[gate] for layer in traced.layers])
    if arch.cell == "lstm":
        rows["cell_state"] = column([layer.c for layer in traced.layers])
    rows["hidden_state"] = column([layer.h for layer in traced.layers])
    return pd.DataFrame(rows)
