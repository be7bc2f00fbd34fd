"""What one run of `watch` tells the next: errors of each series, its newest row, alarms that go on.

One .safetensors file without pickle, written whole or not at all. It is bound to columns, step and series,
not to a model: errors are in units of the intervals of whichever model forecast.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.evaluation.alarms.closed import ClosedMemory
from lstmcli.evaluation.alarms.online import OnlineState
from lstmcli.files.read import open_with_size
from lstmcli.files.tensors import (
    KINDS,
    Header,
    TensorFileError,
    parse_json,
    read_header,
    read_tensors,
)
from lstmcli.files.write import write_atomically
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.model_file.fields import DamagedDocument
from lstmcli.model_file.model import Contract, contract_document
from lstmcli.model_file.state_fields import (
    ALARMS,
    FORECASTS,
    check_arrays,
    checked_state,
    started,
    state_layouts,
)
from lstmcli.series.calendar import Step
from lstmcli.series.panel import Key, Panel
from lstmcli.series.running import RunningState

STATE_FORMAT = 4
_CLOSED = "closed."  # begins the names of arrays
_OF_CLOSED = tuple(f"{_CLOSED}{name}" for name in ("times", "counts", "weeks"))
_ADDED = {4: _OF_CLOSED, 3: (f"{ALARMS}grain", f"{ALARMS}negative")}  # by the format that has them first
_OLDEST = 2  # format that is read
_KEY = "lstmcli-watch"  # of the document in the metadata
_DIGEST = "sha256"  # of all else, in the document: several texts beside it would have no fixed order
_LARGEST_PIPE = 2**30


@dataclass(frozen=True)
class WatchState:
    """columns  the time, series and target columns, and the step as text
    contract  how files are read
    keys     of the series
    ends     (series,) time of the newest row of each
    known    what the detector and the forecaster remember of each; forecaster: with its seasons
    gaps     (series, LONGEST_GAP + 1) rows seen, then how many gaps of 1, 2, ... rows there were
    silent   (series,) whether a series is silent
    unheard  (series,) whether it is so, and nobody was told, as it was before the first run
    untold   (series,) whether an alarm goes on that nobody was told of, as it began before the first run
    closed   what is remembered of values at closed times
    late     whether no new row had come in time
    """

    columns: dict[str, Any]
    contract: Contract
    keys: tuple[Key, ...]
    ends: NDArray[Any]
    known: OnlineState
    forecaster: OneStepForecaster
    gaps: NDArray[np.int64]
    silent: NDArray[np.bool_]
    unheard: NDArray[np.bool_]
    untold: NDArray[np.bool_]
    closed: ClosedMemory
    late: bool = False
    numbers: dict[Key, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", {key: number for number, key in enumerate(self.keys)})

    def times_of(self, panel: Panel) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """(series,) the newest time that was seen of each series of a panel, its start where there is none;
        and whether there is one."""
        places = self.places(panel)
        seen = places >= 0
        times = panel.starts.copy()
        times[seen] = self.ends[places[seen]].astype(times.dtype)
        return times, seen

    def not_in(self, panel: Panel) -> list[int]:
        """The numbers of the series that a panel does not have."""
        there = set(panel.keys)
        return [number for key, number in self.numbers.items() if key not in there]

    def with_series(self, other: "WatchState", chosen: list[int]) -> "WatchState":
        """With some series of another state, which is of the same detector."""
        return WatchState(
            self.columns,
            self.contract,
            (*self.keys, *(other.keys[n] for n in chosen)),
            np.concatenate([self.ends, other.ends[chosen].astype(self.ends.dtype)]),
            OnlineState.joined([self.known, other.known.select(chosen)]),
            self.forecaster,
            np.concatenate([self.gaps, other.gaps[chosen]]),
            np.concatenate([self.silent, other.silent[chosen]]),
            np.concatenate([self.unheard, other.unheard[chosen]]),
            np.concatenate([self.untold, other.untold[chosen]]),
            self.closed.joined(other.closed.select(chosen)),
            self.late,
        )

    def places(self, panel: Panel) -> NDArray[np.int64]:
        """(series,) the number here of each series of a panel, -1 where it is new."""
        return np.array([self.numbers.get(key, -1) for key in panel.keys], np.int64)


def columns_of(roles: Any, step: Step) -> dict[str, Any]:
    """What a state is bound to."""
    return {
        "time": roles.time,
        "series": list(roles.series),
        "targets": list(roles.targets),
        "step": step.describe(),
        "dated": not step.plain,
    }


def bare_contract(contract: Contract) -> Contract:
    """How files are read, without what the values were."""
    none: dict[str, Any] = {"data": (), "known_series": "", "ends": (), "smallest": 0.0, "largest": 0.0}
    return replace(contract, series_count=1, observations=1, data_sha256="0" * 64, **none)


def write_state(path: Path, state: WatchState) -> None:
    """Raises CannotCreate or WriteFailed; an existing file is then untouched."""
    from safetensors.numpy import save  # not needed to read

    arrays = _arrays(state)
    document = {
        "format": STATE_FORMAT,
        "columns": state.columns,
        "contract": contract_document(bare_contract(state.contract)),
        "keys": [list(key) for key in state.keys],
        "late": state.late,
        "seasons": [state.forecaster.season, state.forecaster.second],
        "flags": sorted(name for name, part in _remembered(state).items() if part.dtype == bool),
    }
    sealed = document | {_DIGEST: _digest(document, arrays)}
    write_atomically(path, save(arrays, {_KEY: json.dumps(sealed, sort_keys=True)}))


def read_state(path: Path) -> WatchState | None:
    """None where there is no file.

    Raises DataError for what is no whole state; InputMissing for what cannot be read.
    """
    if not path.exists():
        return None
    file, size = open_with_size(path, _LARGEST_PIPE)
    with file:
        try:
            return _read(read_header(file, size), file, size)
        except (TensorFileError, DamagedDocument) as error:
            reason = str(error)
        except (KeyError, TypeError, ValueError, AttributeError):
            reason = "its document is not what was written"
    said = f"not a whole state of lstmcli watch ({reason}); without the file watch begins anew"
    raise DataError("damaged-state", said, path=str(path))


def check_watched(state: WatchState, columns: dict[str, Any], path: str) -> None:
    """Raises DataError for a state of other columns than these."""
    for name, wanted in columns.items():
        if state.columns.get(name) != wanted:
            found, now = (_shown(value) for value in (state.columns.get(name), wanted))
            said = f"the state is of other data: {name} was {found}, and is {now}; take another --state file"
            raise DataError("other-columns", said, path=path)


def _arrays(state: WatchState) -> dict[str, NDArray[Any]]:
    whole = {
        "ends": state.ends.astype(np.int64),
        "gaps": state.gaps,
        "silent": state.silent.astype(np.uint8) + state.unheard,  # 2 where nobody was told
        "untold": state.untold.astype(np.uint8),
    }
    known = {name: _storable(part) for name, part in _remembered(state).items()}
    known |= {f"{_CLOSED}{name}": part for name, part in vars(state.closed).items()}
    return {name: np.ascontiguousarray(part) for name, part in (whole | known).items()}


def _remembered(state: WatchState) -> dict[str, NDArray[Any]]:
    forecasts, alarms = state.known.forecasts.arrays, state.known.alarms.arrays
    return {ALARMS + name: part for name, part in alarms.items()} | {
        FORECASTS + name: part for name, part in forecasts.items()
    }


def _storable(part: NDArray[Any]) -> NDArray[Any]:
    if part.dtype == bool:
        return part.astype(np.uint8)
    return part if part.dtype.str in KINDS.values() else part.astype(np.int64)


def _read(header: Header, file: Any, size: int) -> WatchState:
    if _KEY not in header.metadata:
        raise TensorFileError("it is the file of something else")
    document = parse_json(header.metadata[_KEY])
    if document["format"] not in range(_OLDEST, STATE_FORMAT + 1):
        formats = f"{_OLDEST} to {STATE_FORMAT}"
        raise TensorFileError(f"format {document['format']}; this version reads {formats}")
    given = checked_state({name: part for name, part in document.items() if name != _DIGEST}, size)
    seasons, keys = given["seasons"], given["keys"]
    later = [name for form, names in _ADDED.items() if form > document["format"] for name in names]
    layouts = {n: part for n, part in state_layouts(seasons, len(keys)).items() if n not in later}
    arrays = read_tensors(file, header, layouts, size, finite=False)
    if document.pop(_DIGEST) != _digest(document, arrays):
        raise TensorFileError("its content is not what was written")
    added = _added(arrays[f"{FORECASTS}usual"]) if later else {}
    arrays = {**arrays, **{name: added[name] for name in later}}
    check_arrays(arrays)
    flags = {name for name, part in started(seasons).items() if part.dtype == bool}
    typed = {name: part.astype(bool) if name in flags else part for name, part in arrays.items()}

    def named(prefix: str) -> dict[str, NDArray[Any]]:
        return {name.removeprefix(prefix): part for name, part in typed.items() if name.startswith(prefix)}

    return WatchState(
        columns=document["columns"],
        contract=given["contract"],
        keys=keys,
        ends=arrays["ends"].astype("datetime64[us]" if document["columns"]["dated"] else "int64"),
        known=OnlineState(RunningState(named(FORECASTS)), RunningState(named(ALARMS))),
        forecaster=OneStepForecaster(*seasons),
        gaps=arrays["gaps"].copy(),
        silent=arrays["silent"].astype(bool),
        unheard=arrays["silent"] == 2,
        untold=arrays["untold"].astype(bool),
        closed=ClosedMemory(*(arrays[name].copy() for name in _OF_CLOSED)),
        late=given["late"],
    )


def _added(newest: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """What older formats lack: the grain, which the next values show, whether one of the newest values is
    below zero, and values at closed times."""
    grain, negative = _ADDED[3]
    closed = dict(zip(_OF_CLOSED, vars(ClosedMemory.none(len(newest))).values(), strict=True))
    return closed | {grain: np.ones(len(newest)), negative: np.any(newest < 0, axis=1).astype(np.uint8)}


def _digest(document: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def _shown(value: Any) -> str:
    return (", ".join(value) or "none") if isinstance(value, list) else str(value)
