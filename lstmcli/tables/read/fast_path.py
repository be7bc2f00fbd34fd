"""The panel of a small plain file, without pandas: loading pandas takes 0.5 s, such a forecast 0.2 s.

Plain is a file that every reader takes the same way: rows of one step in order, every cell filled, ISO
stamps or counted steps, numbers of at most 15 digits. All others, and so every error, are left to `files`.
"""

import io
import os
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.model_file import Contract
from lstmcli.series.calendar import Step, Times, advance, find_step
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import NumberForm
from lstmcli.tables.read.column_names import (
    TARGET_NAMES,
    date_part_range,
    is_amount_name,
    is_driver_name,
)
from lstmcli.tables.read.eras import USUAL_YEARS
from lstmcli.tables.read.fast_cells import PADDING, ByteCells, parse_plain_numbers, split_columns
from lstmcli.tables.read.packed import read_input
from lstmcli.tables.read.sentinels import SENTINELS
from lstmcli.tables.read.tokens import zone_shown
from lstmcli.tables.write.times import format_plain_times

# Bytes of text; beyond, pandas has made up for the time in which it is loaded.
LARGEST_PLAIN_FILE = 16 * 2**20
_LAST_LINES, _LEAST_ABOVE = 2**12, 9  # bytes at the end of a file; cells of them that one is compared with
_GZIP = b"\x1f\x8b"
_NOT_PLAIN = (*(bytes([sign]) for sign in b'"\r\0;\t|'), "\ufeff".encode())
_LENGTHS = {10: "", 16: "%H:%M", 19: "%H:%M:%S"}  # of stamps, and what stands behind the day
# Counted steps from 1000 on could be years, dates or seconds since 1970.
_COUNTED = 1000
_SIGNS = frozenset(b"0123456789-: T")  # in stamps
_SENTINELS = frozenset(SENTINELS.tolist())  # which may have to be told
_KEY = re.compile(r"[^\W\d_]([^\n]*\S)?")
_NUMBERED_KEY = re.compile(r"0|[1-9]\d{0,14}")
# Stamps as they are compared, (rows,); the first time of each series; how stamps are written.
_Stamps = tuple[NDArray[Any], Times, str | None]
_FIRST_YEAR, _END_YEAR = b"%d" % USUAL_YEARS.start, b"%d" % USUAL_YEARS.stop  # others are told or refused
_NO_KEYS = {"na", "n/a", "nan", "null", "none", "nat", "inf", "infinity", "true", "false"}


@dataclass(frozen=True)
class PlainFile:
    """source: its name; pattern: how its stamps are written, as `timestamps.time_pattern`;
    columns: their names."""

    panel: Panel
    source: str
    pattern: str | None
    roles: Roles
    columns: tuple[str, ...]


def read_plain_file(contract: Contract, options: ReadOptions, names: Sequence[str]) -> PlainFile | None:
    """What `read_table` and `panel_for_contract` would read; None where they must look at it."""
    if len(names) != 1 or not _is_simple(contract, options):
        return None
    text = _text(names[0])
    columns = split_columns(text) if text else None
    roles = contract.roles
    needed = {roles.time, *roles.series, *roles.targets}
    if columns is None or not needed <= columns.keys():
        return None
    settled = options.decimal == "." or roles.targets[0] in options.known.numbers
    return _plain(names[0], columns, roles, contract.step, settled)


def read_plain_series(name: str) -> PlainFile | None:
    """One series of two columns, a time and a number of a usual name, as a training without any setting would
    read it; None where that must be looked at."""
    text = _text(name)
    columns = split_columns(text) if text else None
    if columns is None or len(columns) != 2:
        return None
    time, target = columns
    usual = target in TARGET_NAMES or is_amount_name(target) or is_driver_name(target)
    if not time[:1].isalpha() or not usual or date_part_range(target):
        return None
    step = _step(columns[time])
    return None if step is None else _plain(name, columns, Roles(time, (), (target,), (), ()), step, False)


def _step(cells: ByteCells) -> Step | None:
    """The step of stamps that may be plain; None of those that may be open times, or are none."""
    found = _dated(cells, np.array([0, len(cells.lengths)]))
    try:
        step = find_step(found[0].astype("U").astype("datetime64[us]")) if found else None
    except ValueError:  # stamps that are none, among them IrregularTimes
        return None
    return None if step is None or step.kind == "business day" else step


def _plain(
    name: str, columns: Mapping[str, ByteCells], roles: Roles, step: Step, settled: bool
) -> PlainFile | None:
    found = _panel(columns, roles, step, settled)
    source = "standard input" if name == "-" else name
    return PlainFile(found[0], source, found[1], roles, (*columns,)) if found else None


def _is_simple(contract: Contract, options: ReadOptions) -> bool:
    roles = contract.roles
    return (
        roles.time[:1].isalpha()
        and len(roles.targets) == 1
        and not (roles.covariates or roles.categorical)
        and options.separator in ("auto", ",")
        and options.decimal in ("auto", ".")
        and options.encoding.lower() == "utf-8"
        and options.header
        and options.skip_rows in ("auto", 0)
        and options.comment in ("auto", "none")
        and options.totals == "keep"
        and not (options.timezone or options.resample or options.missing)
        and options.known.numbers.get(roles.targets[0], NumberForm()) == NumberForm()
    )


def _text(name: str) -> bytes | None:
    try:
        raw = _content(name)
        if raw.startswith(_GZIP):
            unpacking = zlib.decompressobj(wbits=31)  # with the head and the checksum of gzip
            raw = unpacking.decompress(raw, LARGEST_PLAIN_FILE + 1)
            if not unpacking.eof or unpacking.unused_data:  # too large, cut off, or several in a row
                return None
        if not raw.isascii():
            raw.decode()
    except (OSError, zlib.error, UnicodeDecodeError):
        return None
    if len(raw) > LARGEST_PLAIN_FILE or any(sign in raw for sign in _NOT_PLAIN) or _may_be_cut(raw):
        return None
    return raw


def _may_be_cut(raw: bytes) -> bool:
    """Whether the last line has no end and its last cell has fewer digits than each of some above it."""
    *above, last = (line.rpartition(b",")[2] for line in raw[-_LAST_LINES:].split(b"\n"))
    if not last or len(above) < _LEAST_ABOVE:
        return not last and not raw.endswith(b"\n")
    decimals = [len(cell.partition(b".")[2]) for cell in (*above[-_LEAST_ABOVE:], last)]
    shorter = decimals[-1] < min(decimals[:-1])
    return shorter or (max(decimals) == 0 and len(last) < min(map(len, above[-_LEAST_ABOVE:])))


def _content(name: str) -> bytes:
    """All of standard input, which may be read again; the start of a file, nothing of a pipe."""
    if name == "-":
        content = read_input("standard input", sys.stdin.buffer)
        sys.stdin = io.TextIOWrapper(io.BytesIO(content))
        return content
    if not os.path.isfile(name):
        return b""
    with open(name, "rb") as file:
        return file.read(LARGEST_PLAIN_FILE + 1)


def _panel(
    columns: Mapping[str, ByteCells], roles: Roles, step: Step, settled: bool
) -> tuple[Panel, str | None] | None:
    values = parse_plain_numbers(columns[roles.targets[0]], settled=settled)
    found = None if values is None else _series([columns[name] for name in roles.series], len(values))
    if values is None or found is None or {values.min(), values.max()} & _SENTINELS:
        return None
    keys, offsets = found
    dated = _starts(columns[roles.time], offsets, step)
    if dated is None:
        return None
    starts, pattern = dated
    none = np.zeros((len(values), 0), np.float32)
    lengths = np.diff(offsets)
    static = np.zeros((len(keys), 0), np.float32)
    arrays = roles.series, keys, step, starts, offsets, lengths, values, none, none, static
    closed = np.zeros(len(keys) if step.zeros else 0, np.int64)  # all rows are at open times
    return Panel(*arrays, closed=closed, zone=zone_shown(pattern)), pattern


def _series(columns: Sequence[ByteCells], rows: int) -> tuple[tuple[Key, ...], NDArray[np.int64]] | None:
    """The keys of the series, whose rows must stand together, and where each begins and the last ends."""
    if not columns:
        return ((),), np.array([0, rows])
    if max(int(cells.lengths.max()) for cells in columns) > PADDING:
        return None
    changes = np.any([cells.changes() for cells in columns], axis=0)
    offsets = np.concatenate([[0], np.flatnonzero(changes) + 1, [rows]])
    keys = tuple(tuple(cells.text(row) for cells in columns) for row in offsets[:-1])
    named = all(_are_names(set(texts)) for texts in zip(*keys, strict=True))
    return (keys, offsets) if named and len(set(keys)) == len(keys) else None


def _are_names(texts: set[str]) -> bool:
    """Whether texts are names to every reader, or all whole numbers that stay as they are written."""
    if all(_KEY.fullmatch(text) for text in texts):
        return not any(text.lower() in _NO_KEYS for text in texts)
    return all(_NUMBERED_KEY.fullmatch(text) for text in texts)


def _starts(cells: ByteCells, offsets: NDArray[np.int64], step: Step) -> tuple[Times, str | None] | None:
    """The first time of each series and how stamps are written; None where one is not a step after the
    one before."""
    found = _counted(cells, offsets, step) if step.plain else _dated(cells, offsets)
    if found is None:
        return None
    stamps, starts, pattern = found
    known: dict[Any, NDArray[Any]] = {}  # stamps from a start on, which many series share
    begin = stamps[offsets[:-1]].tolist()
    for mark, start, first, end in zip(begin, starts, offsets[:-1], offsets[1:], strict=True):
        if len(known.get(mark, ())) < end - first:
            known[mark] = _written(advance(start, step, np.arange(end - first)), pattern)
        if not np.array_equal(known[mark][: end - first], stamps[first:end]):
            return None
    return starts, pattern


def _counted(cells: ByteCells, offsets: NDArray[np.int64], step: Step) -> _Stamps | None:
    counted = parse_plain_numbers(cells, whole=True) if step.dated else None
    if counted is None or counted.min() < 0:
        return None
    starts = counted[offsets[:-1]].astype(np.int64)
    return None if starts.min() >= _COUNTED else (counted, starts, None)


def _dated(cells: ByteCells, offsets: NDArray[np.int64]) -> _Stamps | None:
    pattern = _pattern(cells)
    if pattern is None:
        return None
    table = cells.table()
    written = table.view(f"S{table.shape[1]}")[:, 0]
    begin = written[offsets[:-1]]
    if not set(b"".join(begin.tolist())) <= _SIGNS:
        return None
    if not all(_FIRST_YEAR <= stamp[:4] < _END_YEAR for stamp in begin.tolist()):
        return None
    try:
        return written, begin.astype("U").astype("datetime64[us]"), pattern
    except ValueError:
        return None


def _pattern(cells: ByteCells) -> str | None:
    """How the first stamp is written; None where it is not plain or another is of other length."""
    stamp = cells.text(0)
    after = _LENGTHS.get(len(stamp))
    if after is None or (cells.lengths != len(stamp)).any():
        return None
    return f"%Y-%m-%d{stamp[10:11]}{after}"


def _written(times: Times, pattern: str | None) -> NDArray[Any]:
    """Times as `_dated` and `_counted` give them; nothing where they cannot be written so."""
    if pattern is None:
        return times
    texts = format_plain_times(times, pattern)
    return np.zeros(0, "S1") if texts is None else texts.astype("S")
