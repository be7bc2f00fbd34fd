"""Small valid tables, damaged at random: each is read or refused, quickly, without a traceback, and the same
by every way of reading."""

import json
import random
import shutil
import warnings
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from builders import refusal_of_training
from fuzzing import no_longer_than

from lstmcli.cli.app import program
from lstmcli.errors import LstmcliError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_model, panel_for_training
from lstmcli.tables.cache.arrays import Sizes
from lstmcli.tables.read import panel_for_contract, panel_of, read_table
from lstmcli.tables.read.fast_path import read_plain_file
from lstmcli.tables.read.for_contract import contract_of
from lstmcli.tables.read.frames import table_from_frame, with_columns
from lstmcli.tables.read.numbers import MISSING
from lstmcli.tables.read.opening import source_and_dialect

app = program()

PLAIN = Settings()
SMALL = Sizes(piece=90, block=32, bucket=40, small=-1)

QUICK, COMPARED, ALL = 300, 100, 10_000
SECONDS = 20  # for one file; it takes 0.05
ODD = [
    "", "\"", "'", ",", ";", "\t", "NaN", "inf", "-inf", "1e400", "-1e308", "1e308", "1e-320", "0", "-0",
    "99999999999999999999", "0x10", "1_000", "1,5", "1.5.5", "--1", "+", "٣", "½", "é", "#", "=1+1", "True",
    "null", "9999-12-31", "0001-01-01", "1677-09-20", "24:00", "1e3", "2262-04-12", "2024-02-30",
    "2024-01-01T00:00:00+14:00", " ", "|", "\x00", "\x1a", "\ufeff", "\u2028", "\x85", "x" * 5000,
]  # fmt: skip


def daily(rng, count):
    start = date(rng.choice([1850, 1969, 2024]), 1, 1)
    return [str(start + timedelta(days=k)) for k in range(count)]


def start_table(rng):
    """Rows of cells of a table that can be read, its header first."""
    count = rng.randint(2, 60)
    days = daily(rng, count)
    kind = rng.choice(["single", "long", "wide", "months", "plain", "words"])
    if kind == "long":
        names = rng.choice([["a", "b"], ["007", "7"], ["x y", "Köln", "z"]])
        return [["time", "shop", "y"]] + [[d, n, f"{k * 1.5}"] for k, d in enumerate(days) for n in names]
    if kind == "wide":
        return [["date", "a", "b"]] + [[d, str(k), str(-k / 3)] for k, d in enumerate(days)]
    if kind == "months":
        return [["month", "y"]] + [[f"{2000 + k // 12}-{k % 12 + 1:02}", str(k % 7)] for k in range(count)]
    if kind == "plain":
        return [["step", "y"]] + [[str(5 * k), str(rng.random())] for k in range(count)]
    if kind == "words":
        return [["time", "note", "y"]] + [[d, rng.choice(["", "open", "shut"]), "3"] for d in days]
    return [["time", "y"]] + [[d, f"{rng.gauss(0, 5):.3f}"] for d in days]


def damage_cells(rng, rows):
    """One change of rows or cells, in place."""
    row = rng.randrange(len(rows))
    cells = rows[row]
    at = rng.randrange(len(cells)) if cells else 0
    match rng.randrange(10):
        case 0:
            del cells[at : at + 1]
        case 1:
            cells.insert(at, cells[at] if cells else "1")
        case 2:
            rng.shuffle(rows)
        case 3:
            tail = rows[1:]
            rng.shuffle(tail)
            rows[1:] = tail
        case 4:
            rows.insert(row, list(cells))
        case 5:
            del rows[row : row + rng.choice([1, 1, 5])]
            rows or rows.append([""])
        case 6:
            for other in rows[rng.choice([0, 1]) :]:
                other[at : at + 1] = [rng.choice(["", "7", "a", other[at] if at < len(other) else ""])]
        case 7:
            rows[0] = [rng.choice(ODD + rows[0]) for _ in rows[0]]
        case _:
            cells[at : at + 1] = [rng.choice(ODD)]


def damage_bytes(rng, raw):
    """One change of the text as a whole."""
    at = rng.randrange(len(raw) + 1)
    ends, signs = [b"\r\n", b"\r", b"\n\n", b"\n\r", b"\x0b"], [b";", b"\t", b"|", b", ", b"  ", b",,", b":"]
    changes = [
        lambda: raw[:at],
        lambda: raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :],
        lambda: raw[:at] + rng.randbytes(rng.randint(1, 8)) + raw[at:],
        lambda: raw.replace(b"\n", rng.choice(ends)),
        lambda: raw.replace(b",", rng.choice(signs)),
        lambda: raw.decode(errors="replace").encode(rng.choice(["utf-16", "utf-8-sig", "utf-32", "utf-7"])),
        lambda: raw[at:] + raw[:at],
        lambda: raw.replace(b"2024", rng.choice([b"0000", b"9999", b"24", b"1e9"])),
        lambda: raw[:at] + b'"' + raw[at:],
    ]
    return rng.choice(changes)()


def mutated(seed):
    """A damaged table, the same for the same seed."""
    rng = random.Random(seed)
    rows = start_table(rng)
    for _ in range(rng.choice([0, 1, 1, 1, 2])):
        damage_cells(rng, rows)
    quote = rng.choice(["", "", "", '"'])
    sign = rng.choice([",", ",", ";", "\t"])
    raw = "\n".join(sign.join(f"{quote}{c}{quote}" for c in row) for row in rows).encode()
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        raw = damage_bytes(rng, raw)
    return raw


@pytest.fixture
def checked(tmp_path, capsys):
    """Checks one damaged table; the exit code and the kind of the refusal, if any."""

    def make(seed):
        path = tmp_path / "data.csv"
        path.write_bytes(mutated(seed))
        form = "text" if seed % 3 == 0 else "json"
        with no_longer_than(SECONDS):
            code = app(["check", str(path), "--format", form], standalone_mode=False) or 0
            kind = refusal_of_training(str(path)) if seed % 10 == 0 else None
        out = capsys.readouterr().out
        out.encode()
        if form == "json":
            findings = json.loads(out, parse_constant=pytest.fail)["findings"]
            refused = [finding["kind"] for finding in findings if finding["severity"] == "error"]
            assert bool(refused) == (code == 65)
            if seed % 10 == 0:
                assert (refused or [None])[0] == kind
        assert code in (0, 65)
        return code

    return make


def run(checked, seeds):
    codes = []
    for seed in seeds:
        try:
            codes.append(checked(seed))
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {mutated(seed)[:300]!r}") from error
    return codes


def test_damaged_tables_are_read_or_refused(checked):
    codes = run(checked, range(QUICK))
    assert 20 < codes.count(0) < QUICK - 20  # both happen


@pytest.mark.slow
def test_many_damaged_tables_are_read_or_refused(checked):
    run(checked, range(QUICK, ALL))


def settled(read):
    """What a way of reading gives: the panel and what its columns are for, or the kind of its refusal."""
    try:
        panel, roles = read()
    except LstmcliError as error:
        return type(error), error.kind
    starts = panel.starts.tolist()
    return panel.fingerprint(), panel.keys, starts, panel.step, replace(roles, notes=(), tried=())


def frame_of(path):
    """The file as a user of pandas gives it, all cells texts; None where lines of it are no rows, or are
    too short or too long."""
    source, dialect = source_and_dialect(str(path), PLAIN.options)
    if dialect.left_out or dialect.skipped != 1 or source.content is not None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            return pd.read_csv(path, sep=dialect.separator, dtype=str, index_col=False, keep_default_na=False)
        except (ValueError, pd.errors.ParserWarning):
            return None


def undamaged(seed):
    return "\n".join(map(",".join, start_table(random.Random(seed)))).encode()


class Ways:
    """The ways to read one damaged table."""

    def __init__(self, folder, seed):
        self.path, self.folder, self.seed = folder / "data.csv", folder / "cache", seed
        self.path.write_bytes(mutated(seed))
        self.whole = settled(self._whole)

    def _whole(self):
        self.table = read_table(str(self.path))
        return panel_of(self.table, PLAIN)

    def cached(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        return panel_for_training([str(self.path)], PLAIN, self._cache())[1:]

    def _cache(self):
        return Cache(self.folder, lambda *_: None, sizes=SMALL)

    def from_frame(self):
        """None where pandas and lstmcli need not agree: on lines that are no rows, marks of decimals, and two
        names that only blanks tell apart, which files have numbered and frames refuse."""
        frame = frame_of(self.path)
        if (
            frame is None
            or not frame.columns.str.strip().is_unique
            or self.table.reading.notes
            or frame.isin([*MISSING - {""}]).to_numpy().any()
        ):
            return None
        return settled(lambda: panel_of(table_from_frame(with_columns(frame), PLAIN.options), PLAIN))

    def for_model(self):
        """By the slow path, by a cache, and by the fast path, None where it leaves the file alone; for a
        model of the undamaged table."""
        (self.folder.parent / "sound.csv").write_bytes(undamaged(self.seed))
        table = read_table(str(self.folder.parent / "sound.csv"))
        panel, roles = panel_of(table, PLAIN)
        contract, name = contract_of(table, panel, roles), str(self.path)
        options, roles, step = contract.options, contract.roles, contract.step
        shutil.rmtree(self.folder, ignore_errors=True)
        slow = settled(lambda: (panel_for_contract(read_table(name, options), roles, step)[0], roles))
        kept = settled(
            lambda: (panel_for_model([name], options, False, roles, step, self._cache())[1], roles)
        )
        plain = read_plain_file(contract, options, [name])
        return slow, kept, plain and settled(lambda: (plain.panel, roles))


def alike(pieces, whole):
    """Whether two ways give the same; where a cell is no time, pieces may name another fault first."""
    refused = len(pieces) == len(whole) == 2
    return pieces == whole or (refused and "not-a-time" in (pieces[1], whole[1]))


def read_in_all_ways(folder, seeds):
    """Compares what the ways give, and counts what was compared."""
    counts = Counter()
    for seed in seeds:
        try:
            with no_longer_than(SECONDS):
                ways = Ways(folder, seed)
                pieces = settled(ways.cached)
                assert alike(pieces, ways.whole)
                counts["refused" if len(ways.whole) == 2 else "read"] += 1
                framed = ways.from_frame() if len(ways.whole) > 2 else None
                assert framed in (None, ways.whole)
                slow, kept, fast = ways.for_model()
                assert kept == slow or len(kept) == len(slow) == 2  # refused for another of several faults
                assert fast in (None, slow)
                counts["frame"] += framed is not None
                counts["fast"] += fast is not None
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {mutated(seed)[:300]!r}") from error
    return counts


def test_all_ways_read_damaged_tables_alike(tmp_path):
    counts = read_in_all_ways(tmp_path, range(COMPARED))
    assert min(counts[what] for what in ("read", "refused", "frame")) > 5
    assert counts["fast"]


@pytest.mark.slow
def test_all_ways_read_many_damaged_tables_alike(tmp_path):
    read_in_all_ways(tmp_path, range(COMPARED, ALL))
