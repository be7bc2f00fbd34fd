"""A forecast as lines of text, CSV, JSON or NDJSON: the digits of whole columns at once.

Numbers stand as Python writes them (`repr`), the shortest text that reads back to the last bit.
Forecasts are rounded, see `forecasting.rounded`: nearly all are a whole number of at most fifteen digits
over a power of ten, and such a decimal without its last zeros is that text, for no two of them are the
same double. NumPy finds the digits of all in a tenth of the time, and frees Python's lock.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Flags
from lstmcli.series.calendar import advance
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.dialects import PLAIN_DIALECT, OutputDialect
from lstmcli.tables.write.tables import number_columns
from lstmcli.tables.write.times import format_stamps

CharCodes = NDArray[np.uint8]  # (..., characters)

SAMPLE_COLUMNS = ("sample", "value")
_FOUR_DIGITS = np.frombuffer(b"".join(b"%04d" % n for n in range(10_000)), np.uint32)
_DIGITS = 15  # that every double can hold
_KEPT = 7  # digits of the spread of a series that `rounded` keeps at most
_LONGEST = 24  # characters of a number
_MOST_AT_ONCE = 10**8  # characters of names
_OTHER_SIGNS = 100  # of a line of a sample, about, with what it takes to lay them out


@dataclass(frozen=True)
class Lines:
    """How a forecast is written; columns and arguments as those of `tables.forecast_table`.

    dialect: of CSV; JSON has none. The text of several forecasts is `head`, their lines with `between`
    between them, and `tail`: `whole`.
    """

    form: str
    key_names: tuple[str, ...]
    time: str
    pattern: str | None
    quantiles: tuple[float, ...]
    dialect: OutputDialect = PLAIN_DIALECT

    @property
    def head(self) -> str:
        if self.form == "csv":
            return self.dialect.beginning + self.dialect.row(self._names)
        return "[\n" if self.form == "json" else ""

    @property
    def between(self) -> str:
        return ",\n" if self.form == "json" else ""

    @property
    def tail(self) -> str:
        return "\n]\n" if self.form == "json" else ""

    def whole(self, lines: Iterable[str]) -> Iterator[str]:
        """The text of several forecasts, piece by piece; lines: of each."""
        before = self.head
        for text in lines:
            yield before + text
            before = self.between
        yield self.tail

    @property
    def _names(self) -> list[str]:
        return [*self.key_names, self.time, *self._numbers]

    @property
    def _numbers(self) -> list[str]:
        return number_columns(self.quantiles)

    def of(self, forecast: Forecast) -> str:
        """One line per series and step."""
        places = [forecast.quantiles.index(q) for q in (0.5, *self.quantiles)]
        return self.of_columns(forecast, forecast.values[:, :, places])

    def of_columns(self, forecast: Forecast, values: Array) -> str:
        """The same with these numbers (series, horizon, columns) in the place of its own."""
        if self._is_long(forecast):  # every line would take the room of the longest
            half = len(forecast.keys) // 2
            halves = (slice(half), slice(half, None))
            return self.between.join(self.of_columns(_part(forecast, part), values[part]) for part in halves)
        signs, shown = self._digits(values)
        columns = [(signs[:, place], shown[:, place]) for place in range(values.shape[2])]
        return self._text([*self._beginnings(forecast), *_after(self._joints(), columns)])

    def _digits(self, values: Array) -> tuple[CharCodes, Flags]:
        """Of numbers (series, horizon, columns): (rows, columns, characters)."""
        signs, shown = number_texts(values, self.dialect.decimal if self.form == "csv" else ".")
        shape = values.shape[0] * values.shape[1], values.shape[2], signs.shape[3]
        return signs.reshape(shape), shown.reshape(shape)

    def _text(self, parts: Sequence[tuple[CharCodes, Flags]]) -> str:
        """Lines of parts of all rows, one beside the other."""
        parts = [*parts, cell_texts([self._end], np.zeros(len(parts[0][0]), np.int64))]
        line = np.concatenate([part for part, _ in parts], axis=1)
        text = line[np.concatenate([stands for _, stands in parts], axis=1)].tobytes().decode()
        return text.removesuffix(self.between)

    def _is_long(self, forecast: Forecast) -> bool:
        """Whether the lines of several series are better laid out apart, as a name is so long."""
        longest = max(sum(map(len, key)) for key in forecast.keys)
        return len(forecast.keys) > 1 and longest * len(forecast.keys) * forecast.horizon > _MOST_AT_ONCE

    @property
    def _end(self) -> str:
        return self._quote + "\n" if self.form == "csv" else "}" + (self.between or "\n")

    @property
    def _quote(self) -> str:
        return '"' if self.dialect.quotes_numbers else ""

    def _joints(self) -> list[str]:
        """What stands before each number."""
        names = self._numbers
        if self.form == "csv":
            first = self.dialect.separator + self._quote
            return [first, *[self._quote + first] * (len(names) - 1)]
        return [f", {json.dumps(name)}: " for name in names]

    def _beginnings(self, forecast: Forecast, times_each: int = 1) -> list[tuple[CharCodes, Flags]]:
        """Series and time of every row; times_each: how often the horizon of each series stands."""
        count, horizon = len(forecast.keys), np.arange(forecast.horizon)
        series = [self._series(key) for key in forecast.keys]
        starts, which = np.unique(forecast.starts, return_inverse=True)
        stamps = advance(starts[:, None], forecast.step, horizon).ravel()
        times = [self._stamp(text) for text in np.asarray(format_stamps(stamps, self.pattern)).tolist()]
        place = np.repeat(which * len(horizon), times_each)[:, None] + horizon
        return [
            cell_texts(series, np.repeat(np.arange(count), times_each * len(horizon))),
            cell_texts(times, place.ravel()),
        ]

    def _series(self, key: Sequence[str]) -> str:
        if self.form == "csv":
            return "".join(self.dialect.row([text, ""])[:-1] for text in key)
        named = zip(self.key_names, key, strict=True)
        return "{" + "".join(f"{json.dumps(name)}: {json.dumps(text)}, " for name, text in named)

    def _stamp(self, stamp: Any) -> str:
        if self.form == "csv":
            return self.dialect.row([*self.dialect.numbers([stamp]), ""])[:-2]
        return f"{json.dumps(self.time)}: {json.dumps(stamp)}"


def _part(forecast: Forecast, series: slice) -> Forecast:
    return replace(
        forecast,
        keys=forecast.keys[series],
        starts=forecast.starts[series],
        values=forecast.values[series],
    )


def cell_texts(texts: Sequence[str], which: NDArray[np.int64]) -> tuple[CharCodes, Flags]:
    """Characters of one of some texts for each row."""
    raw = [text.encode(errors="backslashreplace") for text in texts]
    signs, shown = _laid_out(raw, max(map(len, raw)))
    return signs[which], shown[which]


def _laid_out(raw: Sequence[bytes], width: int) -> tuple[CharCodes, Flags]:
    filled = b"".join(text.ljust(width) for text in raw)
    signs = np.array(bytearray(filled), np.uint8).reshape(len(raw), width)
    return signs, np.arange(width) < np.array([len(text) for text in raw])[:, None]


def _after(
    joints: Sequence[str], columns: Sequence[tuple[CharCodes, Flags]]
) -> list[tuple[CharCodes, Flags]]:
    """Columns of numbers (rows, characters), each after its joint."""
    none = np.zeros(len(columns[0][0]), np.int64)
    parts = []
    for joint, column in zip(joints, columns, strict=True):
        parts += [cell_texts([joint], none), column]
    return parts


@dataclass(frozen=True)
class WideLines(Lines):
    """Other numbers beside those of the forecast. names: of all columns of numbers, in their order."""

    names: tuple[str, ...] = ()

    @property
    def _numbers(self) -> list[str]:
        return list(self.names)


@dataclass(frozen=True)
class SampleLines(Lines):
    """Sample paths in place of quantiles, which `quantiles` then does not hold."""

    @property
    def _numbers(self) -> list[str]:
        return list(SAMPLE_COLUMNS)

    def of_paths(self, forecast: Forecast, paths: Array, first: int = 1) -> str:
        """One line per series, sample and step. paths: (series, samples, horizon); first: number of the first
        sample. Of several series all samples are given."""
        count, samples, horizon = paths.shape
        width = max(sum(map(len, key)) for key in forecast.keys) + _OTHER_SIGNS
        if paths.size * width > _MOST_AT_ONCE and max(count, samples) > 1:  # a part at a time
            half = (count if count > 1 else samples) // 2
            if count > 1:
                halves = [(_part(forecast, p), paths[p], first) for p in (slice(half), slice(half, None))]
            else:
                halves = [(forecast, paths[:, :half], first), (forecast, paths[:, half:], first + half)]
            return self.between.join(self.of_paths(*one) for one in halves)
        signs, shown = self._digits(paths.reshape(count, -1, 1))
        numbers = [str(number) for number in range(first, first + samples)]
        sample = cell_texts(numbers, np.tile(np.repeat(np.arange(samples), horizon), count))
        columns = _after(self._joints(), [sample, (signs[:, 0], shown[:, 0])])
        return self._text([*self._beginnings(forecast, samples), *columns])


def number_texts(values: Array, decimal: str = ".") -> tuple[CharCodes, Flags]:
    """Numbers (series, horizon, columns) as `repr` writes them, but for the mark of decimals: characters
    (series, horizon, columns, characters), and which of them stand."""
    decimals = decimals_of_values(values)
    unit = 10**decimals
    size = np.abs(values)
    whole = np.rint(size * unit)
    plain = (whole / unit == size) & (whole < 10**_DIGITS)
    plain &= (size >= 1e-4) | ((whole == 0) & ~np.signbit(values))  # smaller ones have an exponent
    whole = np.where(plain, whole, 0).astype(np.int64)
    before = np.where(plain, size, 0).astype(np.int64)
    places = 4 * -(-max(int(decimals.max()), 1) // 4)
    after = (whole - before * unit) * 10 ** (places - decimals)
    digits = 4 * -(-len(str(before.max())) // 4)
    width = max(1 + digits + 1 + places, 0 if plain.all() else _LONGEST)
    signs = np.full((*values.shape, width), ord("-"), np.uint8)
    shown = np.zeros(signs.shape, bool)
    shown[..., 0] = values < 0
    point = 1 + digits
    _write_digits(before, signs[..., 1:point])
    for place in range(digits):
        shown[..., 1 + place] = before >= 10 ** (digits - 1 - place)
    signs[..., point] = ord(decimal)
    shown[..., point - 1 : point + 2] = True
    _write_digits(after, signs[..., point + 1 : point + 1 + places])
    for place in range(point + places, point + 1, -1):
        shown[..., place] |= signs[..., place] != ord("0")
        shown[..., place - 1] |= shown[..., place]
    if not plain.all():
        signs[~plain], shown[~plain] = _laid_out(_reprs(values[~plain], decimal), width)
    return signs, shown


def _reprs(numbers: Array, decimal: str) -> list[bytes]:
    return [repr(number).replace(".", decimal).encode() for number in numbers.tolist()]


def decimals_of_values(values: Array) -> NDArray[np.int64]:
    """How many decimals of each series `forecasting.rounded` keeps, or a few more: (series, 1, 1)."""
    spread = np.ptp(values, axis=(1, 2), keepdims=True)
    largest = np.abs(values).max(axis=(1, 2), keepdims=True)
    # No less than a normal double: smaller ones may be taken for zero.
    spread = np.maximum(spread, np.maximum(largest, 1e-290) * 1e-9)
    return np.clip(_KEPT - np.floor(np.log10(spread)), 0, _DIGITS).astype(np.int64)


def _write_digits(numbers: NDArray[np.int64], signs: CharCodes) -> None:
    """Decimal digits with leading zeros, four at a time from the right."""
    left: NDArray[np.integer] = numbers.astype(np.uint32) if numbers.max() < 2**32 else numbers
    for first in range(signs.shape[-1] - 4, -1, -4):
        rest = left // 10_000
        signs[..., first : first + 4] = _FOUR_DIGITS[left - rest * 10_000][..., None].view(np.uint8)
        left = rest
