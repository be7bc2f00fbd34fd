"""What a hostile file does to each command, counted: internal errors, hangs, memory, raw controls.

    python tests/robustness/attack.py --seed 1 --rounds 3 names models

Every run has a terminal as output and error, as a user has, and is forked from a process that has loaded all.
The table that is printed has one row per class of attacks; the code is 1 where anything fell. --verbose names
each run that fell. A class is a function of `CLASSES`: it gets a random generator and an empty folder, and
gives `Attack`s.
"""

import argparse
import contextlib
import os
import pty
import random
import re
import resource
import select
import signal
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import crafted_models
import hostile_names
import hostile_states
import warm
from mutated_models import mutated, starts

SECONDS = 10.0  # of processor time
WALL_SECONDS = 90.0
MEGABYTES = 1_000  # above those of a run that does nothing
DOCUMENTED = {0, 2, 3, 4, 65, 66, 69, 73, 74, 75, 78}
# A terminal turns a line feed into both.
_LINE = re.compile("\r\n")
_SPOOFED = re.compile("^(lstmcli: )?lstmcli: all is well", re.MULTILINE)


@dataclass(frozen=True)
class Attack:
    """arguments of a run; given: what is typed at standard input, none: empty."""

    arguments: list[str]
    folder: Path
    given: bytes = b""


@dataclass
class Outcome:
    """How a run ended; code None: it hung; seconds: of processor time."""

    code: int | None
    printed: str
    writes_data: bool
    megabytes: float
    seconds: float

    @property
    def is_spoofed(self) -> bool:
        """Whether a name looks like a line of ours; what is written as data has lines of its own."""
        return not self.writes_data and bool(_SPOOFED.search(self.printed))

    @property
    def fell(self) -> list[str]:
        """The columns of the table that count it."""
        return [
            name
            for name, is_so in {
                "internal": self.code not in (None, *DOCUMENTED) or "internal error" in self.printed,
                "hangs": self.code is None or self.seconds > SECONDS,
                "memory": self.megabytes > MEGABYTES,
                "controls": bool(raw_controls(self.printed)) or self.is_spoofed,
            }.items()
            if is_so
        ]


COLUMNS = ("internal", "hangs", "memory", "controls")


def raw_controls(printed: str) -> set[str]:
    """Signs that steer a terminal or turn the direction of text round."""
    return {
        sign
        for sign in set(printed) - {"\n", "\t"}
        if unicodedata.category(sign) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(sign) in _TURNING
    }


_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def run(attack: Attack, seconds: float = WALL_SECONDS) -> Outcome:
    """One run on a terminal of its own, which obeys no codes: every one of them is foreign."""
    began = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        _become(attack)
    printed = bytearray()
    while time.monotonic() - began < seconds:
        ready = select.select([terminal], [], [], 0.05)[0]
        try:
            part = os.read(terminal, 65536) if ready else None
        except OSError:  # the last of the run's ends is closed
            break
        if part == b"":
            break
        printed += part or b""
    hung = time.monotonic() - began >= seconds
    if hung:
        os.killpg(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    os.close(terminal)
    return Outcome(
        code=None if hung else os.waitstatus_to_exitcode(status),
        printed=_LINE.sub("\n", printed.decode("utf-8", "replace")),
        writes_data=attack.arguments[0] in ("predict", "watch") and "-o" not in attack.arguments,
        megabytes=used.ru_maxrss / 1024,
        seconds=used.ru_utime + used.ru_stime,
    )


def _become(attack: Attack) -> None:
    """The program, in the child."""
    os.chdir(attack.folder)
    ends = os.pipe()
    if os.fork() == 0:
        os.close(ends[0])
        for stream in (0, 1, 2):
            os.close(stream)
        view = memoryview(attack.given)
        try:
            while view:
                view = view[os.write(ends[1], view) :]
        finally:
            os._exit(0)
    os.close(ends[1])
    os.dup2(ends[0], 0)
    os.environ.update(TERM="dumb", HOME="/nonexistent", COLUMNS="100")
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout, sys.stderr = (open(handle, "w", buffering=1, closefd=False) for handle in (1, 2))  # noqa: SIM115
    sys.argv = ["lstmcli", *attack.arguments]
    code = 1
    try:
        from lstmcli.__main__ import main

        main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


# Classes


def names(rng: random.Random, folder: Path) -> Iterator[Attack]:
    """Names of series, columns, files and cells that steer a terminal, or are as long as a book."""
    for arguments in hostile_names.command_lines(rng, folder):
        yield Attack(arguments, folder)


def models(rng: random.Random, folder: Path) -> Iterator[Attack]:
    """Changed model files with a right sum, given to every command that reads one."""
    made = list(starts(folder))
    for number in range(4):
        start = rng.choice(made)
        path = folder / f"changed_{number}.safetensors"
        path.write_bytes(mutated(start, rng.randrange(10**9)))
        page = f"page_{number}.html"
        for command in (
            ["verify", "-m", path.name],
            ["config", "show", path.name],
            ["predict", start.data.name, "-m", path.name, "--html", page, "-o", f"out_{number}.csv"],
            ["check", start.data.name, "-m", path.name],
            ["inspect-gates", start.data.name, "-m", path.name],
            ["train", start.data.name, "-m", path.name, "--update", "-q", "--set", "steps=2"],
        ):
            yield Attack(command, folder)


def crafted(rng: random.Random, folder: Path) -> Iterator[Attack]:
    """Model files that are right in form and absurd in content."""
    for _, path in rng.sample(crafted_models.write_all(folder), 6):
        raw = path.read_bytes()
        for arguments in crafted_models.commands(path.name):
            path.write_bytes(raw)
            yield Attack(arguments, folder)


def states(rng: random.Random, folder: Path) -> Iterator[Attack]:
    """Changed states of watch, most with a right sum."""
    for arguments in hostile_states.command_lines(rng, folder):
        yield Attack(arguments, folder)


CLASSES: dict[str, Callable[[random.Random, Path], Iterator[Attack]]] = {
    "names": names,
    "models": models,
    "crafted": crafted,
    "states": states,
}


@dataclass
class Row:
    """What a class of attacks came to."""

    attacks: int = 0
    fell: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def add(self, outcome: Outcome) -> None:
        self.attacks += 1
        self.fell.update(outcome.fell)
        self.codes[str(outcome.code)] += 1
        self.slowest = max(self.slowest, outcome.seconds)


def attacked(name: str, seed: int, rounds: int, told: Callable[[str], None], idle: float = 0.0) -> Row:
    """A class, in so many rounds. told: is given what fell."""
    row = Row()
    for number in range(rounds):
        rng = random.Random(f"{name} {seed + number}")
        with tempfile.TemporaryDirectory() as place:
            for attack in CLASSES[name](rng, Path(place)):
                outcome = run(attack)
                outcome.megabytes -= idle
                row.add(outcome)
                if outcome.fell:
                    last = outcome.printed.strip().splitlines()[-1:] or [""]
                    words = " ".join(
                        word if len(word) < 60 else f"{word[:60]}..." for word in attack.arguments
                    )
                    fell = f"{', '.join(outcome.fell)}, code {outcome.code}"
                    told(f"{name} seed {seed + number}: {fell}: {words!r}\n    {last[0][-300:]!r}")
    return row


def idle_megabytes() -> float:
    """What a run takes that does nothing."""
    with tempfile.TemporaryDirectory() as place:
        return run(Attack(["--version"], Path(place))).megabytes


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("classes", nargs="*", help=f"of {', '.join(CLASSES)}; all by default")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--rounds", type=int, default=1)
    asked.add_argument("--verbose", action="store_true")
    given = asked.parse_args()
    warm.load_everything()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    idle = idle_megabytes()
    print(
        f"{'class':<12}{'attacks':>8}"
        + "".join(f"{name:>10}" for name in COLUMNS)
        + f"{'slowest':>10}  codes"
    )
    fell = False
    for name in given.classes or CLASSES:
        row = attacked(name, given.seed, given.rounds, print if given.verbose else lambda _: None, idle)
        counts = "".join(f"{row.fell[column]:>10}" for column in COLUMNS)
        codes = ", ".join(f"{code}: {count}" for code, count in row.codes.most_common())
        print(f"{name:<12}{row.attacks:>8}{counts}{row.slowest:>8.1f} s  {codes}", flush=True)
        fell = fell or bool(row.fell)
    sys.exit(fell)


if __name__ == "__main__":
    main()
