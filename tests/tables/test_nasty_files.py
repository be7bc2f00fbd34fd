"""Files as they come, each with what must become of it: read as so many series, or refused at a place."""

import gzip
import json
import subprocess
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from builders import refusal_of_training
from warm_program import warm_program

from lstmcli.cli.app import program
from lstmcli.errors import InputMissing

app = program()

DAYS = [str(date(2024, 1, 1) + timedelta(days=k)) for k in range(40)]


def table(times=DAYS[:12], values=None, header="time,y", sign=",", end="\n"):
    """Rows of a time and a value under a header."""
    cells = [f"{(7 * k) % 12 + 1}.5" for k in range(len(times))] if values is None else values
    rows = [f"{time}{sign}{value}" for time, value in zip(times, cells, strict=True)]
    return end.join([header.replace(",", sign), *rows, ""])


def put(row, text, content=None):
    """The table with one row, counted as an editor does, replaced."""
    lines = (content or table()).split("\n")
    lines[row - 1] = text
    return "\n".join(lines)


def without(*rows):
    return "\n".join(line for k, line in enumerate(table().split("\n"), 1) if k not in rows)


def long(names, header="time,shop,y", count=12):
    rows = [f"{day},{name},{k}.5" for k, day in enumerate(DAYS[:count]) for name in names]
    return "\n".join([header, *rows, ""])


class Taken(NamedTuple):
    """Read, as so many series with so many observed values."""

    series: int = 1
    values: int = 12


class Refused(NamedTuple):
    """Refused, for a kind of reason, at a place."""

    kind: str
    row: int | None = None
    column: str | None = None


class Case(NamedTuple):
    name: str
    content: str | bytes
    expected: Taken | Refused
    settings: tuple[str, ...] = ()
    file: str = "data.csv"


WIDE = ",".join(["time", *(f"c{k}" for k in range(999))])
HOURS = [datetime(2024, 1, 1) + timedelta(hours=k) for k in range(12)]
ENDS = ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"]
WORKDAYS = [str(d) for d in (date(2024, 1, 1) + timedelta(days=k) for k in range(16)) if d.weekday() < 5]
SPELLINGS = ["1", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "", "2", "3"]

CASES = [
    # Ways to write the same table
    Case("semicolons", table(sign=";"), Taken()),
    Case("tabs", table(sign="\t"), Taken()),
    Case("bars", table(sign="|"), Taken()),
    Case("byte order mark", table().encode("utf-8-sig"), Taken()),
    Case("byte order mark and quotes", '\ufeff"time","y"\n' + table().split("\n", 1)[1], Taken()),
    Case("CRLF", table(end="\r\n"), Taken()),
    Case("CRLF and LF mixed", table().replace("\n", "\r\n", 5), Taken()),
    Case("no last newline", table().rstrip("\n"), Taken()),
    Case("blank lines", table().replace("\n", "\n\n", 4) + "\n\n\n", Taken()),
    Case("rows of separators only", table() + ",\n,\n", Taken()),
    Case(
        "everything quoted",
        "".join(f'"{a}","{b}"\n' for a, b in (r.split(",") for r in table().split())),
        Taken(),
    ),
    Case("gzipped", gzip.compress(table().encode()), Taken(), file="data.csv.gz"),
    Case("unsorted", "\n".join(["time,y", *reversed(table().split()[1:])]), Taken()),
    Case(
        "a break of line inside quotes",
        table(values=[f'"a\nb",{k}' for k in range(12)], header="time,note,y"),
        Taken(),
    ),
    Case(
        "a cell of 200,000 letters",
        table(values=["x" * 200_000 + f",{k}" for k in range(12)], header="time,note,y"),
        Taken(),
    ),
    Case(
        "a thousand columns", table(values=[",".join(["1.5"] * 999)] * 12, header=WIDE), Taken(999, 999 * 12)
    ),
    # Names
    Case("a header in another script", table(header="время,значение"), Taken()),
    Case("a header of emoji", table(header="time,🌡️"), Taken()),
    Case("spaces and quotes in the header", table(header='time,"y ""raw"", in °C"'), Taken()),
    Case("a column called 2020", table(header="time,2020"), Taken()),
    Case("a column called auto", table(header="time,auto"), Taken()),
    Case(
        "time in the last column",
        "y,time\n" + "\n".join(f"{k}.5,{d}" for k, d in enumerate(DAYS[:12])),
        Taken(),
    ),
    Case("series with separators in their names", long(['"a, b"', '"c; d"']), Taken(2, 24)),
    Case(
        "series with zeros before their numbers",
        long(["007", "7"], header="time,id,y"),
        Taken(2, 24),
        ("series=id",),
    ),
    Case(
        "series that are told apart by two columns",
        long(["a,x", "a,z", "b,x"], header="time,shop,item,y"),
        Taken(3, 36),
    ),
    Case("series with names in two scripts", long(["Köln", "東京"]), Taken(2, 24)),
    Case(
        "a column per series",
        table(values=[f"{k},{2 * k},{3 * k}" for k in range(12)], header="time,a,b,c"),
        Taken(3, 36),
    ),
    Case(
        "a column of truths beside",
        table(values=[f"{k % 2 == 0},{k}" for k in range(12)], header="time,open,y"),
        Taken(),
    ),
    # Numbers
    Case(
        "exponents and signs",
        table(values=["1e0", "+2", "-3", ".5", "6.", "1E2", "-0", "0", "1e-3", "7", "8", "9"]),
        Taken(),
    ),
    Case("spaces around numbers", table(values=[f" {k} " for k in range(12)]), Taken()),
    Case("all spellings of missing", table(values=SPELLINGS), Taken(1, 3)),
    Case("missing at the start", table(values=["", "", *range(10)]), Taken(1, 10)),
    Case("missing at the end", table(values=[*range(10), "", ""]), Taken(1, 10)),
    Case("constant", table(values=["5"] * 12), Taken()),
    Case("all zero", table(values=["0"] * 12), Taken()),
    Case("all negative", table(values=[f"-{k}.25" for k in range(1, 13)]), Taken()),
    Case("very small numbers", table(values=[f"{k}e-300" for k in range(1, 13)]), Taken()),
    Case("very large numbers", table(values=[f"{k}e34" for k in range(1, 13)]), Taken()),
    Case(
        "too large numbers", table(values=[f"{k}e34" for k in range(96, 108)]), Refused("too-large", 7, "y")
    ),
    Case("whole numbers beyond 64 bits", table(values=[f"{10**19 + k}" for k in range(12)]), Taken()),
    Case("seventeen digits", table(values=[f"0.{10**16 + k}" for k in range(12)]), Taken()),
    # Times
    Case("years", table(times=range(1990, 2002)), Taken()),
    Case("plain steps", table(times=range(12), header="step,y"), Taken()),
    Case("plain steps of five", table(times=range(0, 60, 5), header="t,y"), Taken()),
    Case("negative steps", table(times=range(-6, 6), header="step,y"), Taken()),
    Case("last days of months", table(times=ENDS), Taken(1, 7)),
    Case("months", table(times=[f"2023-{m:02}" for m in range(1, 13)]), Taken()),
    Case("business days", table(times=WORKDAYS), Taken()),
    Case("dates without separators", table(times=[d.replace("-", "") for d in DAYS[:12]]), Taken()),
    Case("dates with slashes", table(times=[d.replace("-", "/") for d in DAYS[:12]]), Taken()),
    Case("T and Z", table(times=[f"{h:%Y-%m-%dT%H:%M:%SZ}" for h in HOURS]), Taken()),
    Case(
        "an offset that changes",
        table(
            times=[
                f"{h + timedelta(hours=1 + (k > 5)):%Y-%m-%dT%H:%M:%S}+0{1 + (k > 5)}:00"
                for k, h in enumerate(HOURS)
            ]
        ),
        Taken(),
    ),
    Case("month first", table(times=[f"01/{k:02}/2024" for k in range(10, 22)]), Taken()),
    Case("leap day", table(times=[str(date(2024, 2, 24) + timedelta(days=k)) for k in range(12)]), Taken()),
    Case(
        "dates before 1970",
        table(times=[str(date(1969, 12, 25) + timedelta(days=k)) for k in range(12)]),
        Taken(),
    ),
    Case(
        "series that start apart",
        long(["a"]) + "".join(f"{d},b,{k}\n" for k, d in enumerate(DAYS[4:12])),
        Taken(2, 20),
    ),
    # No table
    Case("nothing", b"", Refused("empty")),
    Case("a header alone", "time,y\n", Refused("empty")),
    Case("a header and blank rows", "time,y\n\n,\n\n", Refused("empty")),
    Case(
        "a gzipped file that breaks off",
        gzip.compress(table().encode())[:60],
        Refused("unreadable"),
        file="data.csv.gz",
    ),
    Case("text called .gz", table(), Taken(1, 12), file="data.csv.gz"),
    Case("a row that is too long", put(5, "2024-01-04,1,2"), Refused("ragged", 5)),
    Case("one column", "\n".join(["y", *map(str, range(12))]), Refused("no-time-column", 1)),
    Case("words only", "a,b\nx,y\nz,w\n", Refused("no-time-column", 1)),
    Case("times only", "time\n" + "\n".join(DAYS[:12]), Refused("no-target")),
    Case("no numbers", table(values=list("abcdefghijkl")), Refused("no-target", 2, "y")),
    # Cells
    Case("no time", put(4, ",3"), Refused("missing-time", 4, "time")),
    Case("no date", put(4, "soon,3"), Refused("not-a-time", 4, "time")),
    Case("the 30th of February", put(4, "2024-02-30,3"), Refused("not-a-time", 4, "time")),
    Case("another way to write a date", put(4, "03.01.2024,3"), Refused("not-a-time", 4, "time")),
    Case("a word among numbers", put(6, "2024-01-05,x"), Refused("not-a-number", 6, "y")),
    Case(
        "a word behind a blank line",
        put(3, "\n2024-01-02,1", put(6, "2024-01-05,x")),
        Refused("not-a-number", 7, "y"),
    ),
    Case("a mark of thousands", put(6, '2024-01-05,"1,000"'), Taken()),
    Case("a mark of thousands in half a group", put(6, '2024-01-05,"1,00"'), Refused("not-a-number", 6, "y")),
    Case("a unit", put(6, "2024-01-05,5 kWh"), Refused("not-a-number", 6, "y")),
    Case("infinite", put(6, "2024-01-05,inf"), Refused("not-a-number", 6, "y")),
    Case("beyond the largest number", put(6, "2024-01-05,1e400"), Refused("not-a-number", 6, "y")),
    Case("a division by zero", put(6, "2024-01-05,#DIV/0!"), Taken(values=11)),
    Case("a word for missing", put(6, "2024-01-05,unavailable"), Refused("not-a-number", 6, "y")),
    Case("no value at all", table(values=[""] * 12), Refused("no-values", 2, "y"), ("target=y",)),
    Case(
        "a series of empty cells",
        "time,shop,y\n" + "".join(f"{d},a,{k}\n{d},b,\n" for k, d in enumerate(DAYS[:12])),
        Refused("no-values", 3, "y"),
    ),
    Case(
        "no name of a series",
        long("ab").replace(",b,", ",,", 1),
        Refused("missing-series", 3, "shop"),
        ("series=shop",),
    ),
    Case(
        "a covariate with a hole",
        table(values=[f"{k},{k}" for k in range(11)] + ["5,"], header="time,y,x"),
        Refused("missing-covariate", 13, "x"),
        ("target=y", "past=x"),
    ),
    # Rows
    Case(
        "days and months that may be either",
        table(times=[f"{k:02}/01/2024" for k in range(1, 13)]),
        Refused("ambiguous-date", 2, "time"),
    ),
    Case("one row", "time,y\n2024-01-01,1\n", Refused("one-row", 2, "time")),
    Case("five rows", table(times=DAYS[:5]), Refused("short-history")),
    Case("one time in all rows", table(times=["2024-01-01"] * 12), Refused("duplicate-time", 2, "time")),
    # Settings
    Case("a target that is not there", table(), Refused("unknown-column", 1), ("target=z",)),
    Case("a column for two roles", table(), Refused("two-roles", 1), ("target=y", "past=y")),
    Case("a horizon that is too long", table(), Refused("short-history"), ("horizon=48",)),
]

# What becomes of these depends on the options of reading and may change with them.
BY_OPTION = [
    Case("a time left out", without(6), Refused("gap", 6, "time")),
    Case("three times left out", without(6, 7, 8), Refused("gap", 6, "time")),
    Case("a time twice", put(6, "2024-01-04,3"), Refused("duplicate-time", 6, "time")),
    Case("a row twice", put(6, f"2024-01-05,{5}\n2024-01-05,5"), Refused("duplicate-time", 7, "time")),
    Case("another step half-way", table(times=[*DAYS[:8], *DAYS[9:20:2]]), Refused("gap", 10, "time")),
    Case(
        "hours that leave out one",
        table(times=[h for k, h in enumerate(HOURS) if k != 7]),
        Refused("gap", 9, "time"),
    ),
    Case("UTF-16", table().encode("utf-16"), Taken(1, 12)),
    Case("Latin-1", table(header="time,größe").encode("latin-1"), Refused("encoding", 1)),
    Case("bytes that are no text", put(6, "2024-01-05,\xff").encode("latin-1"), Refused("encoding", 6)),
    Case("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, Refused("unreadable")),
    Case("decimal commas", table(sign=";").replace(".5", ",5"), Taken(1, 12)),
]


@pytest.fixture
def path_of(tmp_path):
    def make(case):
        path = tmp_path / case.file
        path.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode())
        return str(path)

    return make


def options(case):
    return [part for setting in case.settings for part in ("--set", setting)]


@pytest.mark.parametrize("case", CASES + BY_OPTION, ids=lambda case: case.name)
def test_a_nasty_file_is_read_or_refused_as_it_should(path_of, capsys, case):
    path = path_of(case)
    code = app(["check", path, "--format", "json", *options(case)], standalone_mode=False) or 0
    report = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    errors = [finding for finding in report["findings"] if finding["severity"] == "error"]
    if isinstance(case.expected, Taken):
        assert (code, errors) == (0, [])
        assert (report["facts"]["series"], report["facts"]["values"]) == case.expected
    else:
        assert code == 65
        place = errors[0]["places"][0] if errors[0]["places"] else {"row": None, "column": None}
        assert Refused(errors[0]["kind"], place["row"], place["column"]) == case.expected


@pytest.mark.parametrize("case", CASES + BY_OPTION, ids=lambda case: case.name)
def test_training_refuses_the_same(path_of, case):
    if any("horizon" in setting for setting in case.settings):
        pytest.skip("told as text")
    kind = None if isinstance(case.expected, Taken) else case.expected.kind
    assert refusal_of_training(path_of(case), case.settings) == kind


def test_there_are_enough_of_them():
    names = [case.name for case in CASES + BY_OPTION]
    assert len(names) == len(set(names)) >= 60


@pytest.mark.parametrize("name", [".", "none.csv"])
def test_no_file_is_no_bad_data(tmp_path, name):
    with pytest.raises(InputMissing):
        app(["check", str(tmp_path / name)], standalone_mode=False)


@pytest.mark.parametrize("name", ["nothing", "a word among numbers", "five rows", "a time left out"])
def test_check_and_train_end_alike_in_a_shell(path_of, environment, name):
    (case,) = (case for case in CASES + BY_OPTION if case.name == name)
    path = path_of(case)
    for command in (["check", path], ["train", path, "-m", f"{path}.safetensors"]):
        done = subprocess.run(
            [warm_program(), *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 65
        assert f"[{case.expected.kind}]" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
