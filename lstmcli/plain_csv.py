"""The panel of a small file as plain as most are, read without pandas, which takes longer to load than
such a file to forecast.

Only what can be read in one way is: rows of one step in order, with every cell filled, ISO stamps or
counted steps, numbers of at most 15 digits. All else, and so every complaint, is left to `tables`.
"""

import io
import os
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, islice
from operator import ne
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.bundle import Contract, Model, data_paths
from lstmcli.calendar import Step, Times, advance
from lstmcli.panel import Key, Panel
from lstmcli.time_text import plain_texts

LARGEST = 16 * 2**20  # bytes of text; beyond, pandas has made up for the time in which it is loaded
_GZIP = b"\x1f\x8b"
_NOT_PLAIN = '"\r\0;\t|\ufeff'
_LENGTHS = {10: "", 16: "%H:%M", 19: "%H:%M:%S"}  # of stamps, and what stands behind the day
# Counted steps from 1000 on could be years, dates or seconds since 1970.
_COUNTED = 1000
_LONGEST = 16  # characters of a number that every reader takes for the same double
_NUMBERS = b"0123456789-.\n"
_PADDED = re.compile(rb"\n-?0\d")  # 007 is a name to some readers
_KEY = re.compile(r"[^\W\d_]([^\n]*\S)?")
_NUMBERED_KEY = re.compile(r"0|[1-9]\d{0,14}")
_NO_KEYS = {"na", "n/a", "nan", "null", "none", "nat", "inf", "infinity", "true", "false"}


@dataclass(frozen=True)
class PlainFile:
    """source: its name; pattern: how its stamps are written, as `tables.time_pattern`."""

    panel: Panel
    source: str
    pattern: str | None


def plain_file(
    model: Model, path: Path, sources: Sequence[str], policies: Mapping[str, Any]
) -> PlainFile | None:
    """What `tables.contracted.read_for` would read; None where that must look at it.

    Raises InputMissing where the training files are asked for and are not there.
    """
    contract = model.contract
    names = sources or data_paths(model, path)
    if len(names) != 1 or not _is_simple(contract, policies):
        return None
    text = _text(names[0])
    columns = _columns(text) if text else None
    needed = {contract.time, *contract.series, *contract.targets}
    if columns is None or not needed <= columns.keys():
        return None
    found = _panel(columns, contract)
    source = "standard input" if names[0] == "-" else names[0]
    return PlainFile(found[0], source, found[1]) if found else None


def _is_simple(contract: Contract, policies: Mapping[str, Any]) -> bool:
    options = replace(contract.options, **policies)
    return (
        contract.time[:1].isalpha()
        and len(contract.targets) == 1
        and not (contract.past or contract.future or contract.static or contract.categorical)
        and options.separator in ("auto", ",")
        and options.decimal in ("auto", ".")
        and options.encoding.lower() == "utf-8"
        and options.header
        and not (options.timezone or options.resample)
    )


def _text(name: str) -> str | None:
    try:
        raw = _content(name)
        if raw.startswith(_GZIP):
            unpacking = zlib.decompressobj(wbits=31)  # with the head and the checksum of gzip
            raw = unpacking.decompress(raw, LARGEST + 1)
            if not unpacking.eof or unpacking.unused_data:  # too large, cut off, or several in a row
                return None
        text = raw.decode() if len(raw) <= LARGEST else ""
    except (OSError, zlib.error, ValueError):  # ValueError: no UTF-8
        return None
    return None if any(sign in text for sign in _NOT_PLAIN) else text


def _content(name: str) -> bytes:
    """All of standard input, which may be read again; the start of a file, nothing of a pipe."""
    if name == "-":
        content = sys.stdin.buffer.read()
        sys.stdin = io.TextIOWrapper(io.BytesIO(content))
        return content
    if not os.path.isfile(name):
        return b""
    with open(name, "rb") as file:
        return file.read(LARGEST + 1)


def _columns(text: str) -> dict[str, list[str]] | None:
    """Cells by column, where every row has as many as the header."""
    head, _, body = text.partition("\n")
    names, body = head.split(","), body.removesuffix("\n")
    if not body or len(set(names)) < len(names) or not all(n and n == n.strip() for n in names):
        return None
    width = len(names)
    cells = body.replace("\n", ",\n").split(",")  # the first of a row begins with its line feed
    first = "".join(cells[::width]).split("\n")
    rows = body.count("\n") + 1
    if width < 2 or len(cells) != rows * width or len(first) != rows:
        return None
    return {names[0]: first} | {name: cells[place::width] for place, name in enumerate(names) if place}


def _panel(columns: Mapping[str, list[str]], contract: Contract) -> tuple[Panel, str | None] | None:
    values = _numbers(columns[contract.targets[0]])
    found = _series([columns[name] for name in contract.series], 0 if values is None else len(values))
    if values is None or found is None:
        return None
    keys, offsets = found
    dated = _starts(columns[contract.time], offsets, contract.step)
    if dated is None:
        return None
    starts, pattern = dated
    none = np.zeros((len(values), 0), np.float32)
    lengths = np.diff(offsets)
    static = np.zeros((len(keys), 0), np.float32)
    panel = Panel(contract.series, keys, contract.step, starts, offsets, lengths, values, none, none, static)
    return panel, pattern


def _numbers(cells: list[str]) -> NDArray[np.float64] | None:
    text = "\n".join(["", *cells, ""]).encode()
    if text.translate(None, _NUMBERS) or max(map(len, cells)) > _LONGEST or _PADDED.search(text):
        return None
    try:
        values = np.array(list(map(float, cells)))
    except ValueError:
        return None
    return None if (np.signbit(values) & (values == 0)).any() else values


def _series(columns: list[list[str]], rows: int) -> tuple[tuple[Key, ...], NDArray[np.int64]] | None:
    """The keys of the series, whose rows must stand together, and where each begins and the last ends."""
    if not columns:
        return ((),), np.array([0, rows])
    cells = list(zip(*columns, strict=True)) if len(columns) > 1 else columns[0]
    changed = map(ne, cells, islice(cells, 1, None))
    begin = [0, *compress(range(1, rows), changed)]
    keys = tuple(tuple(column[row] for column in columns) for row in begin)
    named = all(_are_names(set(texts)) for texts in zip(*keys, strict=True))
    return (keys, np.array([*begin, rows])) if named and len(set(keys)) == len(keys) else None


def _are_names(texts: set[str]) -> bool:
    """Whether texts are names to every reader, or all whole numbers that stay as they are written."""
    if all(_KEY.fullmatch(text) for text in texts):
        return not any(text.lower() in _NO_KEYS for text in texts)
    return all(_NUMBERED_KEY.fullmatch(text) for text in texts)


def _starts(cells: list[str], offsets: NDArray[np.int64], step: Step) -> tuple[Times, str | None] | None:
    """The first time of each series and how stamps are written; None where one is not a step after the
    one before."""
    pattern = _pattern(cells[0])
    begin = [cells[row] for row in offsets[:-1]]
    if step.plain:
        if not step.dated or not all(_NUMBERED_KEY.fullmatch(text) for text in begin):
            return None
        starts: Times = np.array(list(map(int, begin)), np.int64)
        if starts.min() >= _COUNTED:
            return None
        pattern = None
    elif pattern is None or not set("".join(begin)) <= set("0123456789-: T"):
        return None
    else:
        try:
            starts = np.array(begin, "datetime64[us]")
        except ValueError:
            return None
    known: dict[str, list[str]] = {}  # stamps from a start on, which many series share
    for text, start, first, end in zip(begin, starts, offsets[:-1], offsets[1:], strict=True):
        if len(known.get(text, ())) < end - first:
            known[text] = _written(advance(start, step, np.arange(end - first)), pattern)
        if known[text][: end - first] != cells[first:end]:
            return None
    return starts, pattern


def _pattern(stamp: str) -> str | None:
    after = _LENGTHS.get(len(stamp))
    return None if after is None else f"%Y-%m-%d{stamp[10:11]}{after}"


def _written(times: Times, pattern: str | None) -> list[str]:
    """Nothing where they cannot be written so."""
    texts = times.astype(str) if pattern is None else plain_texts(times, pattern)
    return [] if texts is None else texts.tolist()
