"""States of `watch --state`, changed at random: each is refused, or goes on like any other.

    python tests/robustness/hostile_states.py --count 10000

Changes the document and the arrays, by value, type, kind and shape, and gives most of them a right sum.
"""

import json
import random
import struct
import tempfile
import warnings
from copy import deepcopy
from pathlib import Path

import numpy as np
from fuzzing import arguments, count_outcomes, no_longer_than
from hostile_names import table
from mutated_models import change_somewhere, of_bytes
from safetensors.numpy import load, save

from lstmcli.errors import LstmcliError
from lstmcli.jobs.watch.job import watch_files
from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.model_file import watch_state
from lstmcli.model_file.state_fields import MAY_HOLD
from lstmcli.network.builtin_file import named_model

SECONDS = 10
ODD = [
    0,
    1,
    -1,
    2,
    7,
    127,
    -128,
    2**31,
    2**62,
    2**63 - 1,
    -(2**63),
    1e300,
    -1e300,
    1e-320,
    np.nan,
    np.inf,
    -np.inf,
]


class Silent:
    """A reporter to whom nothing matters."""

    def say(self, text: str) -> None: ...

    def facts(self, rows: list[tuple[str, str]]) -> None: ...

    def lap(self, stage: str) -> None: ...


class Start:
    """A state as `watch` wrote it, taken apart."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        (size,) = struct.unpack("<Q", raw[:8])
        self.document = json.loads(json.loads(raw[8 : 8 + size])["__metadata__"][watch_state._KEY])
        self.document.pop(watch_state._DIGEST)
        self.arrays = load(raw)


def watch(folder: Path, data: str = "data.csv") -> None:
    """What the command does, with a state."""
    options = WatchOptions(
        data=(str(folder / data),),
        model=named_model("builtin"),
        output=str(folder / "out.csv"),
        policies={"on_gap": "mask"},
        state=folder / "state",
    )
    watch_files(options, Silent())


def start(folder: Path) -> Start:
    """Two series of which forty rows were seen, and data with newer rows as data.csv."""
    text = table(series="north")
    lines = text.splitlines(keepends=True)
    (folder / "data.csv").write_text("".join(line for line in lines if '"2024-02-09"' not in line))
    watch(folder)
    (folder / "data.csv").write_text(text)
    return Start((folder / "state").read_bytes())


def sealed(document: dict, arrays: dict) -> bytes:
    digest = watch_state._digest(document, arrays)
    text = json.dumps(document | {watch_state._DIGEST: digest}, sort_keys=True)
    return save(arrays, {watch_state._KEY: text})


def mutated(start: Start, seed: int) -> bytes:
    """A changed state, the same for the same seed."""
    rng = random.Random(seed)
    kind = rng.choices(["bytes", "document", "arrays"], [1, 4, 4])[0]
    if kind == "bytes":
        return of_bytes(rng, start)
    document, arrays = deepcopy(start.document), {name: part.copy() for name, part in start.arrays.items()}
    for _ in range(rng.choice([1, 1, 2, 3])):
        if kind == "document":
            change_somewhere(rng, document)
        else:
            _change_array(rng, arrays)
    try:
        return sealed(document, arrays)
    except (ValueError, TypeError, UnicodeError, KeyError, RecursionError):  # what no file can hold
        return of_bytes(rng, start)


def _change_array(rng: random.Random, arrays: dict) -> None:
    name = rng.choice(sorted(arrays))
    part = arrays[name]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        match rng.randrange(8):
            case 0:
                del arrays[name]
            case 1:
                arrays[name + "x"] = arrays.pop(name)
            case 2:
                arrays[name] = part.astype(rng.choice(["f8", "f4", "i8", "i4", "u1"]))
            case 3:
                arrays[name] = np.ascontiguousarray(part[: rng.randrange(3)])
            case 4:
                arrays[name] = np.ascontiguousarray(part[..., None] if rng.random() < 0.5 else part.T)
            case 5:
                other = rng.choice(sorted(arrays))
                arrays[name] = arrays[other].copy()
            case _:
                flat = part.reshape(-1)
                odd = np.array([rng.choice(ODD)]).astype(part.dtype)
                if part.dtype.kind == "f" and flat.size and rng.random() < 0.3:  # of the wrong sign
                    odd = -np.abs(flat[rng.randrange(flat.size)]).reshape(1) - 1
                if rng.random() < 0.3:
                    flat[:] = odd
                elif flat.size:
                    flat[rng.randrange(flat.size)] = odd[0]


def _may_not_hold(start: Start, seed: int) -> tuple[str, bytes] | None:
    """A state with a right sum and one number that its array may not hold, and the name of the array."""
    rng = random.Random(seed)
    arrays = {name: part.copy() for name, part in start.arrays.items()}
    name = rng.choice(sorted(arrays))
    flat, held = arrays[name].reshape(-1), MAY_HOLD[name]
    wrong: list[float] = [] if held.nan else [np.nan]
    wrong += [-np.inf] + ([np.inf] if held.most < np.inf else []) + [np.min(held.least) * 2 - 1]
    if flat.dtype.kind != "f":
        wrong = [int(np.min(held.least)) * 2 - 1 if flat.dtype.kind == "i" else 3]
    if not flat.size or name == "ends":
        return None
    flat[rng.randrange(flat.size)] = rng.choice(wrong)
    return name, sealed(deepcopy(start.document), arrays)


def tried(start: Start, seed: int, folder: Path) -> str:
    """The outcome for one seed, without a warning and in time."""
    wrong = _may_not_hold(start, seed) if seed % 5 == 0 else None
    (folder / "state").write_bytes(wrong[1] if wrong else mutated(start, seed))
    with no_longer_than(SECONDS), warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            watch(folder)
        except LstmcliError as error:
            assert error.exit_code in (65, 78), error
            assert wrong is None or wrong[0] in str(error), (wrong, error)
            return f"refused [{error.kind}]"
    assert wrong is None, f"went on with a wrong number in {wrong[0]}"
    return "went on"


def command_lines(rng: random.Random, folder: Path) -> list[list[str]]:
    """The command on some changed states."""
    whole = start(folder)
    made = []
    for number in range(12):
        (folder / f"state_{number}").write_bytes(mutated(whole, rng.randrange(10**9)))
        made.append(["watch", "data.csv", "--state", f"state_{number}", "-o", "alarms.csv"])
    return made


def main() -> None:
    given = arguments(__doc__)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = start(folder)
        count_outcomes(lambda seed: tried(whole, seed, folder), given)


if __name__ == "__main__":
    main()
