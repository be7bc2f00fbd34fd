"""Small files that become very large: each is refused with 65 and one line, soon and in little memory.

    python tests/robustness/bombs.py --size 3e9 --forms gz,zip --ways check,follow

Writes bombs of so many bytes, in every compression that is read, and hands them to the program in every way
that reads a table. Prints code, seconds, memory and message of each, and ends with 1 where one is not refused
so. A bomb without a compression takes its size on the disk.
"""

import argparse
import bz2
import gzip
import lzma
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path

import zstandard

BLOCK = 2**20
SECONDS, MEGABYTES = 10, 300
ADDRESSES = 12 * 2**30  # bytes of address space that a run may take
DAYS = 1500
TABLE = b"time,y\n" + b"".join(b"%d,%d\n" % (day, day % 7) for day in range(DAYS))

# What stands before the filling, and the filling.
CONTENTS = {
    "zeros": (b"", b"0"),
    "nul": (b"", b"\0"),
    "cell": (b"time,y\n2024-01-01,1\n2024-01-02,", b"1"),
    "quote": (b'time,y\n2024-01-01,1\n2024-01-02,"', b"abcdefghi abcdefghi abcdefghi\n"),
    "columns": (b"time", b",y"),
    "late-cell": (TABLE, b"1"),
    "late-quote": (TABLE + b'%d,"' % DAYS, b"abcdefghi abcdefghi abcdefghi\n"),
    "rows": (b"time,y\n", b"2024-01-01,1\n"),
    "blank": (b"time,y\n", b"\n"),
    "json": (b'[{"time": "2024-01-01", "y": 1}', b", {}"),
    "ndjson": (b'{"time": "2024-01-01", "y": 1}\n{"time": "', b"0"),
}
# Other contents have rows, each of which a stream answers or tells: that takes its time at any size.
OF_ONE_LINE = "zeros", "nul", "cell", "columns", "json"


@contextmanager
def _zipped(path):
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("data.csv", "w", force_zip64=True) as member,
    ):
        yield member


FORMS = {
    "csv": partial(open, mode="wb"),
    "gz": partial(gzip.open, mode="wb", compresslevel=6),
    "bz2": partial(bz2.open, mode="wb"),
    "xz": partial(lzma.open, mode="wb", preset=1),
    "zst": partial(zstandard.open, mode="wb"),
    "zip": _zipped,
}
WAYS = {
    "check": ("check", "{data}"),
    "train": ("train", "{data}", "-m", "{out}/new.safetensors", "--set", "steps=5"),
    "predict": ("predict", "{data}", "-m", "{model}"),
    "builtin": ("predict", "{data}"),
    "cache": ("train", "{data}", "-m", "{out}/new.safetensors", "--cache", "{out}/cache"),
    "input": ("check", "-"),
    "follow": ("predict", "-", "--follow", "-m", "{model}"),
}


def write_bomb(path, form, content, size):
    before, filling = CONTENTS[content]
    block = filling * (BLOCK // len(filling))
    with FORMS[form](path) as file:
        file.write(before)
        for _ in range(int(size) // len(block) + 1):
            file.write(block)


def trained_model(folder):
    """A model of a small table."""
    path, data = folder / "model.safetensors", folder / "sound.csv"
    data.write_bytes(TABLE)
    command = [sys.executable, "-m", "lstmcli", "train", str(data), "-m", str(path), "--set", "steps=5"]
    subprocess.run([*command, "-q"], check=True)
    return path


def outcome_of(way, data, folder, most_seconds=120):
    """Exit code, seconds, MB of memory at most, and the lines of standard error."""
    names = {"data": data, "out": folder, "model": folder / "model.safetensors"}
    command = [sys.executable, "-m", "lstmcli", *(part.format(**names) for part in WAYS[way])]
    with open(data, "rb") as given, tempfile.TemporaryFile("w+") as said:
        begun = time.monotonic()
        process = subprocess.Popen(
            ["prlimit", f"--as={ADDRESSES}", "timeout", "-k", "5", str(most_seconds), *command],
            stdin=given if "-" in WAYS[way] else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        said.seek(0)
        lines = said.read().splitlines()
    return process.returncode, seconds, used.ru_maxrss / 1024, lines


def arguments():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--size", type=float, default=5e8, help="bytes when unpacked")
    for name, known in (("forms", FORMS), ("contents", CONTENTS), ("ways", WAYS)):
        asked.add_argument(f"--{name}", default=",".join(known))
    return asked.parse_args()


def main():
    given, failed = arguments(), False
    ways = given.ways.split(",")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trained_model(folder)
        for form, content in product(given.forms.split(","), given.contents.split(",")):
            data = folder / f"bomb.{form}"
            write_bomb(data, form, content, given.size)
            for way in ways:
                if way == "follow" and (form != "csv" or content not in OF_ONE_LINE):
                    continue
                code, seconds, megabytes, lines = outcome_of(way, data, folder)
                told = [line for line in lines if line.startswith("lstmcli:")]
                refused = code == 65 and len(told) == (way not in ("check", "input"))
                good = (refused or (way == "follow" and code == 0)) and seconds < SECONDS
                good &= megabytes < MEGABYTES
                failed |= not good
                shown = told[-1][:150] if told else (lines or [""])[-1][:150]
                figures = f"{code:4} {seconds:6.1f} s {megabytes:6.0f} MB"
                print(f"{' ' if good else '!'} {form:4} {content:10} {way:8} {figures}  {shown}", flush=True)
            data.unlink()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
