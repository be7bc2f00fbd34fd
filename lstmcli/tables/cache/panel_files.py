"""The arrays of a Panel as files, written piece by piece and read in place."""

import hashlib
import math
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import Step
from lstmcli.series.category import Category
from lstmcli.series.panel import Panel
from lstmcli.tables.cache.arrays import ArrayWriter, as_work_failure, map_array

# Arrays of numbers and times alone: what NumPy would make of any other kind may run code, or crash.
_NAMES = re.compile(r"values|past|future|starts|offsets|lengths|static|closed|codes[0-9]{1,6}")
_KINDS = re.compile(r"[<|](?:[biuf][0-9]{1,2}|M8\[[0-9]*[A-Za-z]{1,2}\])")
_FLAT = {"values": np.float64, "past": np.float32, "future": np.float32}


@dataclass
class PanelFiles:
    """Panels of some series each, laid end to end in files of `folder`.

    targets: how many of them there are; a panel holds all series of the first, then those of the second.
    """

    folder: Path
    targets: int = 1
    _flat: dict[tuple[str, int], ArrayWriter] = field(default_factory=dict)  # by name and target
    _each: list[list[dict[str, Any]]] = field(default_factory=list)  # by target, what is there per series
    _last: Panel | None = None

    def add(self, panel: Panel) -> None:
        """Takes the next series. Raises WriteFailed."""
        self._last = panel
        series = len(panel) // self.targets
        self._each = self._each or [[] for _ in range(self.targets)]
        for target in range(self.targets):
            own = slice(target * series, (target + 1) * series)
            rows = slice(int(panel.offsets[own.start]), int(panel.offsets[own.stop]))
            for name, dtype in _FLAT.items():
                self._write(name, target, getattr(panel, name)[rows], dtype)
            for number, category in enumerate(panel.categories):
                if category.role != "static":
                    self._write(f"codes{number}", target, category.codes[rows], np.int32)
            statics = {
                f"codes{n}": c.codes[own] for n, c in enumerate(panel.categories) if c.role == "static"
            }
            sizes = np.diff(panel.offsets)[own]
            self._each[target].append(
                {"keys": panel.keys[own], "starts": panel.starts[own], "lengths": panel.lengths[own]}
                | {"static": panel.static[own], "sizes": sizes}
                | ({"closed": panel.closed[own]} if len(panel.closed) else {})
                | statics
            )

    def _write(self, name: str, target: int, values: NDArray[Any], dtype: Any) -> None:
        if (name, target) not in self._flat:
            self._flat[name, target] = ArrayWriter(self.folder / f"{name}.{target}", dtype)
        self._flat[name, target].add(values)

    def finish(self) -> dict[str, Any]:
        """Completes the files; gives what is in them, as JSON for `open_panel_files`. Raises WriteFailed."""
        assert self._last is not None
        every = [each for target in self._each for each in target]

        def joined(name: str) -> NDArray[Any]:
            return np.concatenate([each[name] for each in every])

        sizes = joined("sizes")
        whole = {
            "starts": joined("starts"),
            "offsets": np.concatenate([[0], np.cumsum(sizes)]),
            "lengths": joined("lengths"),
            "static": joined("static"),
        }
        whole |= {name: joined(name) for name in ("closed",) if name in every[0]}
        rows, arrays = int(sizes.sum()), {}
        for name in dict.fromkeys(name for name, _ in self._flat):
            array = getattr(self._last, name, np.zeros(0))
            arrays[name] = [self._flat[name, 0].dtype.str, [rows, *array.shape[1:]]]
            self._join(name)
        whole |= {name: joined(name) for name in every[0] if name.startswith("codes")}
        for name, values in whole.items():
            arrays[name] = [values.dtype.str, list(values.shape)]
            writer = ArrayWriter(self.folder / name, values.dtype)
            writer.add(values)
            writer.sync()
        categories = [{"column": c.column, "role": c.role, "names": c.names} for c in self._last.categories]
        return {
            "key_names": self._last.key_names,
            "keys": [key for each in every for key in each["keys"]],
            "step": asdict(self._last.step),
            "zone": self._last.zone,
            "arrays": arrays,
            "digests": {name: _digest(self.folder / name) for name in arrays},
            "categories": categories,
        }

    def _join(self, name: str) -> None:
        """The files of all targets, one after the other, in one."""
        first = self._flat[name, 0]
        for target in range(1, self.targets):
            other = self._flat[name, target]
            with as_work_failure(other.path):
                count = other.path.stat().st_size // other.dtype.itemsize  # cells, several in a row
                first.add(map_array(other.path, other.dtype, (count,)))
                other.path.unlink()
        first.sync()
        with as_work_failure(first.path):
            first.path.rename(self.folder / name)


def _digest(path: Path) -> str:
    with as_work_failure(path), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_panel_files(folder: Path, about: dict[str, Any], checked: bool = False) -> Panel:
    """The panel whose arrays are files. checked: whether their content is known to be what was written.

    Raises WriteFailed, ValueError, KeyError, TypeError or AttributeError where these are not what `about`
    says.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for name, (dtype, shape) in about["arrays"].items():
        _check_layout(name, dtype, shape)
        with as_work_failure(folder / name):
            size = (folder / name).lstat().st_size
        if size != np.dtype(dtype).itemsize * math.prod(shape):
            raise ValueError(f"{name} is not whole")
        if not checked and _digest(folder / name) != about["digests"][name]:
            raise ValueError(f"{name} was changed")
        arrays[name] = map_array(folder / name, np.dtype(dtype), tuple(shape))
    codes = {name: arrays.pop(name) for name in list(arrays) if name.startswith("codes")}
    return Panel(
        key_names=tuple(about["key_names"]),
        keys=tuple(map(tuple, about["keys"])),
        step=Step(**about["step"]),
        zone=about.get("zone", ""),
        categories=tuple(
            Category(c["column"], c["role"], tuple(c["names"]), codes[f"codes{n}"])
            for n, c in enumerate(about["categories"])
        ),
        **arrays,
    )


def _check_layout(name: Any, dtype: Any, shape: Any) -> None:
    """Raises ValueError for an array that cannot be one of a panel."""
    known = isinstance(dtype, str) and _NAMES.fullmatch(name) and _KINDS.fullmatch(dtype)
    whole = isinstance(shape, list) and len(shape) <= 2 and all(type(n) is int and n >= 0 for n in shape)
    if not (known and whole):
        raise ValueError(f"{name!r} is no array of a panel")
