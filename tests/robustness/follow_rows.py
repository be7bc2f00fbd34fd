"""Thousands of rows through `lstmcli predict - --follow`: whether each is answered, how soon, at what memory.

    python tests/robustness/follow_rows.py model.safetensors history.csv --rows 1000,10000

The rows go on where the history ends, in its two columns of time and value; the time of each answer is
taken one by one, then the same number of rows is sent at once, and twice more with rows that nobody can read
among them, to a reader that stops reading for a while: for forecasts, and with `--watch`. `--bad` asks for
these two alone. Most of the time of a row is that of its forecast: a model with `mix=network` is faster.
Figures are those of this machine.
"""

import argparse
import csv
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Thread
from typing import IO

HORIZON = 24
IDLE_SECONDS = 5
PAUSE_SECONDS = 10
PIPE_BYTES = 4096  # of the answers: a few, so that the program waits for who reads them
BAD_EVERY = 50
# A lone carriage return, a long cell, a longer line, an open quote, bytes that are no text, other columns.
BAD_ROWS = (
    b"2024-01-01\r,5",
    b"2024-01-01," + b"x" * 200_000,
    b"y" * 3 * 2**20,
    b'"2024-01-01,5',
    b"2024-01-01,\xff\xfe",
    b"1,2,3,4",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("history", type=Path)
    parser.add_argument("--rows", default="1000,10000")
    parser.add_argument("--bad", action="store_true", help="bad rows alone")
    asked = parser.parse_args()
    failed = False
    for rows in map(int, asked.rows.split(",")):
        if not asked.bad:
            failed |= not one_by_one(asked.model, asked.history, rows)
            failed |= not at_once(asked.model, asked.history, rows)
        for how in (("--horizon", str(HORIZON)), ("--watch",)):
            failed |= not among_bad_rows(asked.model, asked.history, rows, how)
    return int(failed)


def started(
    model: Path,
    history: Path,
    stderr: int | None = None,
    how: Sequence[str] = ("--horizon", str(HORIZON)),
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "lstmcli", "predict", "-", "--follow", "-q", "-m", str(model)]
    command += ["--history", str(history), *how]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, bufsize=0)


def new_rows(history: Path) -> Iterator[bytes]:
    """Rows after those of a file: the same values again, at the step of its last two times."""
    with history.open() as file:
        rows = list(csv.reader(file))[1:]
    before, last = (datetime.fromisoformat(row[0]) for row in rows[-2:])
    for number in count():
        when = last + (last - before) * (number + 1)
        yield f"{when:%Y-%m-%d %H:%M:%S},{rows[number % len(rows)][1]}\n".encode()


def one_by_one(model: Path, history: Path, rows: int) -> bool:
    """Whether each row was answered before the next was written."""
    process = started(model, history)
    assert process.stdin and process.stdout
    milliseconds, early, blocks = [], 0.0, 0
    for number, row in zip(range(rows), new_rows(history), strict=False):
        begun = time.perf_counter()
        process.stdin.write(row)
        blocks += answer(process.stdout.fileno(), HORIZON + (number == 0))
        milliseconds.append(1000 * (time.perf_counter() - begun))
        if number == min(300, rows // 2):
            early = resident(process.pid)
    late, used = resident(process.pid), cpu_seconds(process.pid)
    time.sleep(IDLE_SECONDS)
    idle = cpu_seconds(process.pid) - used
    process.stdin.close()
    code = process.wait()
    waits = sorted(milliseconds[1:])
    median, most = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    print(
        f"{rows:,} rows one by one: {blocks:,} answered, exit {code}; median {median:.1f} ms, "
        f"99 % below {most:.1f} ms, longest {waits[-1]:.1f} ms; memory {early:.1f} MiB early, "
        f"{late:.1f} MiB late; {1000 * idle:.0f} ms of processor in {IDLE_SECONDS} idle seconds"
    )
    return code == 0 and blocks == rows and late - early < 5


def at_once(model: Path, history: Path, rows: int) -> bool:
    """Whether all rows of a burst are answered."""
    text = b"".join(row for row, _ in zip(new_rows(history), range(rows), strict=False))
    begun = time.perf_counter()
    process = started(model, history)
    written, _ = process.communicate(text)
    seconds = time.perf_counter() - begun
    blocks = (written.count(b"\n") - 1) / HORIZON
    print(
        f"{rows:,} rows at once: {blocks:,.0f} answered, exit {process.returncode}; {seconds:.1f} s with the "
        f"start, {1000 * seconds / rows:.1f} ms a row"
    )
    return process.returncode == 0 and blocks == rows


def among_bad_rows(model: Path, history: Path, rows: int, how: Sequence[str]) -> bool:
    """Whether all rows between bad ones are answered, once somebody reads again, with memory and descriptors
    as before."""
    process = started(model, history, subprocess.PIPE, how)
    lines = 1 if "--watch" in how else HORIZON  # of an answer
    assert process.stdin and process.stdout and process.stderr
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    begun, counts = time.perf_counter(), {"lines": 0, "told": 0}
    threads = [Thread(target=_send, args=(process.stdin, history, rows))]
    threads += [Thread(target=_count, args=(process.stderr, counts, "told"))]
    for thread in threads:
        thread.start()
    time.sleep(PAUSE_SECONDS)  # the pipe is full by now
    early, late = (0.0, 0), (0.0, 0)
    while block := os.read(process.stdout.fileno(), PIPE_BYTES):
        counts["lines"] += block.count(b"\n")
        share = counts["lines"] / (rows * lines)
        if share < 0.2:
            early = resident(process.pid), descriptors(process.pid)
        elif share < 0.9:
            late = resident(process.pid), descriptors(process.pid)
    code = process.wait()
    for thread in threads:
        thread.join()
    blocks, bad = (counts["lines"] - 1) / lines, len(range(0, rows, BAD_EVERY))
    print(
        f"{rows:,} rows among {bad:,} bad ones, {how[0]}, after a pause: {blocks:,.0f} answered, "
        f"{counts['told']:,} told, exit {code}; {time.perf_counter() - begun:.1f} s; "
        f"memory {early[0]:.1f} MiB early, {late[0]:.1f} late; descriptors {early[1]} early, {late[1]} late"
    )
    flat = late[0] - early[0] < 10 and late[1] == early[1]
    return code == 0 and blocks == rows and counts["told"] == bad and flat


def _send(stream: IO[bytes], history: Path, rows: int) -> None:
    for number, row in zip(range(rows), new_rows(history), strict=False):
        if number % BAD_EVERY == 0:
            stream.write(BAD_ROWS[number // BAD_EVERY % len(BAD_ROWS)] + b"\n")
        stream.write(row)
    stream.close()


def _count(stream: IO[bytes], counts: dict[str, int], name: str) -> None:
    for _ in stream:
        counts[name] += 1


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def answer(descriptor: int, lines: int) -> int:
    """1 when so many lines have come, 0 when the output ended before."""
    while lines > 0:
        block = os.read(descriptor, 2**16)
        if not block:
            return 0
        lines -= block.count(b"\n")
    return int(lines == 0)


def resident(pid: int) -> float:
    """Memory in MiB."""
    text = Path(f"/proc/{pid}/status").read_text()
    (kib,) = (int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS"))
    return kib / 1024


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
