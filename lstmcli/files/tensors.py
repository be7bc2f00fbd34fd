"""The .safetensors layout, read with nothing taken on trust.

A file is the length of a header (8 bytes), the header in JSON, and the numbers of all tensors one
behind the other. Nothing is allocated for a tensor before its kind, shape and place are known to be
those that are wanted, and its bytes to be there.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.parsing import json_fault

Layout = tuple[str, tuple[int, ...]]  # kind and shape of a tensor
_DEEPEST = 50  # lists and maps in one another
LARGEST_HEADER = 32 * 2**20  # bytes; fingerprints of two million series take half of it
KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1"}


class TensorFileError(ValueError):
    """Not a file of this layout, or not with the tensors that are wanted; the text tells why."""


@dataclass(frozen=True)
class Header:
    """layouts  of each tensor
    starts    where its bytes begin and end, counted from the end of the header
    metadata  texts by name
    size      bytes of the header with its length
    """

    layouts: dict[str, Layout]
    places: dict[str, tuple[int, int]]
    metadata: dict[str, str]
    size: int


def read_header(file: BinaryIO, size: int, largest: int = LARGEST_HEADER) -> Header:
    """The header, of at most `largest` bytes, of a file of `size` bytes, which is then at its end.

    Raises TensorFileError.
    """
    start = file.read(8)
    if len(start) < 8:
        raise TensorFileError("it is empty" if not start else "it breaks off in its first bytes")
    (length,) = struct.unpack("<Q", start)
    if length > max(size, 2**32):
        raise TensorFileError("it does not begin with the length of its header")
    if length > size - 8:
        raise TensorFileError(f"its header of {length:,} bytes is longer than the file")
    if length > largest:
        raise TensorFileError(f"its header has {length:,} bytes; {largest:,} are read at most")
    try:
        text = file.read(length).decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        raise TensorFileError("its header is not UTF-8 text") from None
    header = parse_json(text)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise TensorFileError("its metadata is not made of texts")
    entries = {name: _entry(name, entry) for name, entry in header.items()}
    return Header(
        layouts={name: layout for name, (layout, _) in entries.items()},
        places={name: place for name, (_, place) in entries.items()},
        metadata=metadata,
        size=8 + length,
    )


def read_tensors(
    file: BinaryIO, header: Header, wanted: Mapping[str, Layout], size: int, finite: bool = True
) -> dict[str, NDArray[Any]]:
    """The tensors behind the header of a file of `size` bytes; they cannot be written to.

    Raises TensorFileError where they are not exactly those wanted, overlap, leave bytes out, are not all
    in the file, or, where all must be `finite`, hold a number that is not.
    """
    for name in sorted(wanted.keys() ^ header.layouts.keys()):
        raise TensorFileError(f"tensor {_short(name)} is {'missing' if name in wanted else 'one too many'}")
    for name, layout in wanted.items():
        if header.layouts[name] != layout:
            raise TensorFileError(f"tensor {name} is {header.layouts[name]}, not {layout}")
    end = 0
    for name in sorted(wanted, key=header.places.__getitem__):
        kind, shape = wanted[name]
        start, end_before = header.places[name][0], end
        end = start + math.prod(shape) * np.dtype(KINDS[kind]).itemsize
        if header.places[name] != (end_before, end):
            raise TensorFileError(f"tensor {name} is not where it must be")
    if end != size - header.size:
        raise TensorFileError(f"it has {size:,} bytes, not {header.size + end:,}")
    body = file.read(end)
    if len(body) != end:
        raise TensorFileError("it became shorter while it was read")
    tensors = {}
    for name, (kind, shape) in wanted.items():
        values = np.frombuffer(body, KINDS[kind], math.prod(shape), header.places[name][0]).reshape(shape)
        if finite and not np.isfinite(values).all():
            raise TensorFileError(f"tensor {name} holds a number that is not finite")
        tensors[name] = values
    return tensors


def parse_json(text: str) -> dict[str, Any]:
    """A JSON object with no key twice and no number that is not one. Raises TensorFileError."""
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise TensorFileError("its JSON is nested too deeply") from None
    except TensorFileError:
        raise
    except ValueError as error:
        raise TensorFileError(f"its JSON is broken: {json_fault(error)}") from None
    if not isinstance(found, dict):
        raise TensorFileError("its JSON is not an object")
    _check_depth(found)
    return found


def _check_depth(document: dict[str, Any]) -> None:
    """What is read has to be written as well, for sums and reports, which goes less deep."""
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        inner = (part.values() if isinstance(part, dict) else part for part in level)
        level = [one for part in inner for one in part if isinstance(one, dict | list)]
        if not level:
            return
    raise TensorFileError("its JSON is nested too deeply")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TensorFileError("its JSON has a key twice")
    return found


def _no_constant(name: str) -> float:
    raise TensorFileError(f"its JSON holds {name}")


def _entry(name: str, entry: Any) -> tuple[Layout, tuple[int, int]]:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise TensorFileError(f"tensor {_short(name)} is not described by kind, shape and place")
    kind, shape, place = entry["dtype"], entry["shape"], entry["data_offsets"]
    if kind not in tuple(KINDS):
        raise TensorFileError(f"tensor {_short(name)} is of kind {_short(kind)}")
    if not (_whole(shape) and _whole(place) and len(place) == 2):
        raise TensorFileError(f"tensor {_short(name)} has a shape or place that is not of whole numbers")
    return (kind, tuple(shape)), (place[0], place[1])


def _whole(numbers: Any) -> bool:
    """Whether it is a list of whole numbers from 0, none absurdly large."""
    return isinstance(numbers, list) and all(type(n) is int and 0 <= n < 2**63 for n in numbers)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}..."
