"""What the state of watch must be before anything is computed with it: its document, and kind, shape and
range of its arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.alarms.closed import ClosedMemory
from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.heights import HEIGHTS
from lstmcli.evaluation.alarms.rows import KINDS as ALARM_KINDS
from lstmcli.files.tensors import KINDS, Layout, TensorFileError
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.model_file.document import check_contract_values, contract_part
from lstmcli.model_file.fields import (
    Check,
    DamagedDocument,
    fields_of,
    flag,
    integer_field,
    list_field,
    or_none,
    text_field,
)
from lstmcli.model_file.model import Contract

ALARMS, FORECASTS = "alarms.", "forecasts."  # begin the names of arrays
LONGEST_GAP = 64  # rows; gaps are counted by length, longer ones together
_COUNTED = 2**53
_LONGEST = 2**61  # of times, in microseconds or plain steps
_HUGE = 1e100  # values end at 1e36, and what is remembered of them is no power of them
_CODES = {array.str: name for name, array in ((name, np.dtype(code)) for name, code in KINDS.items())}


@dataclass(frozen=True)
class Held:
    """What an array may hold. least: or one for each place of its last axis; nan: whether some may be NaN."""

    least: float | tuple[float, ...]
    most: float
    nan: bool = False


_VALUES, _NUMBERS, _SIZES = Held(-_HUGE, _HUGE, nan=True), Held(-_HUGE, _HUGE), Held(0, _HUGE)
_COUNTS, _FLAGS = Held(0, _COUNTED), Held(0, 1)
_OF_FORECASTS = {
    **dict.fromkeys(("newest", "usual", "median", "profile", "levels"), _VALUES),
    **dict.fromkeys(("weights", "spread"), _NUMBERS),
    **dict.fromkeys(("unit", "error", "losses", "slow_losses", "slow_unit", "scales"), _SIZES),
    **dict.fromkeys(("rows", "count", "counts"), _COUNTS),
}
_OF_ALARMS = {
    "last": _VALUES,
    "centre": _NUMBERS,
    "heights": Held((*(0.0,) * (len(HEIGHTS) - 1), -_HUGE), _HUGE),  # the last one keeps its sign
    **dict.fromkeys(("usual_error", "usual_scaled", "largest", "deviation"), _SIZES),
    **dict.fromkeys(("tops", "joint_top"), _SIZES),
    **dict.fromkeys(("above", "total", "evidence"), Held(0, 1e30)),  # in single precision
    **dict.fromkeys(("run", "rows", "errors", "quiet", "masked", "age", "apart"), _COUNTS),
    "since": Held(0, np.inf),
    "grain": Held(0, 1),
    **dict.fromkeys(("on", "negative"), _FLAGS),
    "kind": Held(0, len(ALARM_KINDS) - 1),
}
MAY_HOLD = {
    **{f"{FORECASTS}{name}": held for name, held in _OF_FORECASTS.items()},
    **{f"{ALARMS}{name}": held for name, held in _OF_ALARMS.items()},
    "ends": Held(-_LONGEST, _LONGEST),
    "gaps": _COUNTS,
    **dict.fromkeys(("closed.times", "closed.weeks"), Held(-_LONGEST, _LONGEST)),
    "closed.counts": _COUNTS,
    "silent": Held(0, 2),
    "untold": _FLAGS,
}


def _contract(value: Any, where: str) -> Contract:
    found = contract_part(value, where)
    check_contract_values(found, 1)
    return found


_names: Check = list_field(text_field())
_columns = fields_of(
    (),
    time=or_none(text_field()),
    series=_names,
    targets=_names,
    step=text_field(),
    dated=flag,
)
_document = fields_of(
    (),
    format=integer_field(0),
    columns=_columns,
    contract=_contract,
    keys=list_field(list_field(text_field(longest=2**20))),
    late=flag,
    seasons=list_field(integer_field(1), 2),
    flags=_names,
)


def checked_state(document: dict[str, Any], size: int) -> dict[str, Any]:
    """The document, typed. size: bytes of the file, which has arrays of the seasons for each series.

    Raises DamagedDocument.
    """
    found = _document(document, "state")
    if len(found["seasons"]) != 2 or max(found["seasons"]) > size:
        raise DamagedDocument("state.seasons: not two, or longer than the file")
    if len({len(key) for key in found["keys"]}) > 1 or len(set(found["keys"])) != len(found["keys"]):
        raise DamagedDocument("state.keys: not as many names in each, or twice the same")
    return found


def state_layouts(seasons: tuple[int, int], series: int) -> dict[str, Layout]:
    """Every array of a state of so many series."""
    one = started(seasons)
    layouts: dict[str, Layout] = {
        name: (_kind(part), (series, *part.shape[1:])) for name, part in one.items()
    }
    plain: dict[str, Layout] = {"ends": ("I64", (series,)), "gaps": ("I64", (series, LONGEST_GAP + 1))}
    closed = {f"closed.{name}": part for name, part in vars(ClosedMemory.none(1)).items()}
    plain |= {name: ("I64", (series, *part.shape[1:])) for name, part in closed.items()}
    return layouts | plain | dict.fromkeys(("silent", "untold"), ("U8", (series,)))


def started(seasons: tuple[int, int]) -> dict[str, NDArray[Any]]:
    """What is remembered of one series of which nothing is known, by the names of the file."""
    forecasts = OneStepForecaster(*seasons).start(1).arrays
    alarms = AlarmDetector(0.5, seasons[0]).start(1).arrays
    return {FORECASTS + name: part for name, part in forecasts.items()} | {
        ALARMS + name: part for name, part in alarms.items()
    }


def _kind(part: NDArray[Any]) -> str:
    return "U8" if part.dtype == bool else _CODES.get(part.dtype.str, "I64")


def check_arrays(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Raises TensorFileError for numbers that `MAY_HOLD` has not."""
    for name, part in arrays.items():
        held = MAY_HOLD[name]
        right = (part >= np.asarray(held.least)) & (part <= held.most)
        if not (right | np.isnan(part) if held.nan else right).all():
            raise TensorFileError(f"{name} has a number that it cannot have")
    if ((arrays[f"{ALARMS}on"] != 0) & (arrays[f"{ALARMS}kind"] == 0)).any():
        raise TensorFileError("an alarm that goes on has no kind")
