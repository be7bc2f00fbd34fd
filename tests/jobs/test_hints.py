"""Every hint that is printed works: what a message says to type is typed, and the table is taken, or refused
for something else whose own hint works."""

import re
import shlex
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from lstmcli.cli.app import program
from lstmcli.errors import InputMissing
from lstmcli.jobs.check import check_for_training
from lstmcli.settings.load import load_settings

_OPTION = re.compile(
    r"--(?P<option>set|on-gap|on-duplicate|resample|step|horizon) "
    r"(?P<value>'[^']*'|[^\s;,)]+(?:,[^\s;,)]+)*)"
)
_PLACEHOLDER = re.compile(r"\b(COLUMN|NAMES|FILE)\b|\.\.\.")
DEEPEST = 3


def hints(message):
    """What a message says to type, as texts of --set."""
    found = []
    for match in _OPTION.finditer(message):
        value = shlex.split(match["value"])[0].rstrip(".:")
        if not _PLACEHOLDER.search(value):
            name = match["option"].replace("-", "_")
            found.append(value if name == "set" else f"{name}={value}")
    if "--no-header" in message:
        found.append("header=false")
    return found


def days(count=40, step=timedelta(days=1), start=datetime(2024, 3, 1), form="%Y-%m-%d"):
    return [(start + k * step).strftime(form) for k in range(count)]


def table(header, *rows):
    return "\n".join([header, *rows, ""])


def daily(header="date,sold", extra=lambda k: "", count=40):
    return [f"{day},{20 + k % 7}{extra(k)}" for k, day in enumerate(days(count))]


HOURS = [datetime(2024, 3, 29) + timedelta(hours=k) for k in range(7000)]
LOCAL = [
    h + timedelta(hours=1 if datetime(2024, 3, 31, 2) <= h < datetime(2024, 10, 27, 2) else 0) for h in HOURS
]
US_LOCAL = [h + timedelta(hours=1 if h >= datetime(2024, 3, 10, 2) else 0) for h in
            (datetime(2024, 3, 5) + timedelta(hours=k) for k in range(300))]  # fmt: skip

# The table, and a part of each hint that must be among those printed.
TABLES = {
    "gap": (table("date,sold", *daily()[:20], *daily()[23:]), ["on_gap=mask", "on_gap=fill"]),
    "a row twice": (table("date,sold", *daily()[:20], *daily()[19:]), ["on_duplicate=first"]),
    "two values of a time": (table("date,sold", *daily(), daily()[7][:-2] + "99"), ["on_duplicate=first"]),
    "gap and repetition": (
        table("date,sold", *daily()[:20], *daily()[22:], daily()[3]),
        ["on_duplicate=first"],
    ),
    "sales of customers": (
        table("date,sum", *(f"{day},{k}" for k, day in enumerate(days(30)) for _ in range(3))),
        [],
    ),
    "readings at any minute of the day": (
        table("t,kg", *(f"{d} 0{6 + k * 7 % 3}:{10 + k * 13 % 47},{k % 3}" for k, d in enumerate(days()))),
        ["resample=1d=mean"],
    ),
    "readings at any day of the month": (
        table("t,kg", *(f"202{k // 12}-{k % 12 + 1:02}-{2 + k * 11 % 5:02},{k % 3}" for k in range(40))),
        ["resample=1mo=mean"],
    ),
    "readings at any second": (
        table("t,kg", *(f"2024-01-01 {k // 60:02}:{k % 60:02}:{k * 17 % 4:02},{k % 3}" for k in range(200))),
        ["resample=1min=mean"],
    ),
    "plain numbers at any distance": (
        table("t,kg", *(f"{10 * k + k * k % 7},{k % 3}" for k in range(60))),
        ["resample=10=mean"],
    ),
    "two steps": (
        table("date,shop,sold", *(f"{day},a,{k % 7}" for k, day in enumerate(days(60))),
              *(f"{day},b,{k % 3}" for k, day in enumerate(days(20, timedelta(days=2))))),
        ["resample=2d=mean"],
    ),
    "clocks of Berlin": (
        table("time,load", *(f"{h:%Y-%m-%d %H:%M},{k % 24}" for k, h in enumerate(LOCAL))),
        ["timezone=Europe/Berlin"],
    ),
    "clocks of New York": (
        table("time,load", *(f"{h:%Y-%m-%d %H:%M},{k % 24}" for k, h in enumerate(US_LOCAL))),
        ["timezone=America/New_York"],
    ),
    "day or month first": (
        table("date,sold", *(f"{day},{20 + k}" for k, day in enumerate(days(12, form="%m/%d/2024",
              start=datetime(2024, 1, 1))))),
        ["day_first=true"],
    ),
    "no header": (table(daily()[0], *daily()[1:]), ["header=false"]),
    "no times": (table("sold,price", *(f"{k % 7}.5,{k}" for k in range(40))), ["step=1h"]),
    "a year is too far": (table("date,sold", *daily()), []),
    "promotions": (
        table("date,sold,promo", *daily(extra=lambda k: f",{k % 3 // 2}")),
        ["past=promo", "future=promo"],
    ),
    "open": (table("date,sold,open", *daily(extra=lambda k: f",{k % 3 == 0}")), ["past=open", "future=open"]),
    "a remark": (
        table("date,sold,sky", *daily(extra=lambda k: ",sun" if k % 3 else ",rain")),
        ["past=sky"],
    ),
    "odd names": (
        table("date,Weekly Sales,Fuel Price,2020",
              *daily(extra=lambda k: f",{1.5 + k % 4},{k % 5}.5")),
        ["past=Fuel Price", "target=[\"Weekly Sales\", \"2020\", \"Fuel Price\"]"],
    ),
    "periods through autumn": (
        table("date,period,mw", *(f"{day},{n + 1},{n % 24}" for day in days(40, start=datetime(2023, 10, 1))
              for n in range(50 if day == "2023-10-29" else 48))),
        ["timezone=Europe/London"],
    ),
    "hours through autumn": (
        table("date," + ",".join(f"HE{n + 1}" for n in range(25)),
              *(",".join([d, *(str((n + k) % 12) if n < 24 or d == "2023-11-05" else "" for n in range(25))])
                for k, d in enumerate(days(40, start=datetime(2023, 10, 10))))),
        ["timezone=America/New_York"],
    ),
    "quarters beside another number": (
        table("year,q1,q2,q3,q4,gdp",
              *(",".join(map(str, [y, *((y * 7 + q * 5) % 43 for q in range(4)), y * 31 % 97]))
                for y in range(1990, 2020))),
        ["time=year"],
    ),
    "several units": (
        table("date,v,n", *(f"{day},{10 + k % 7} {'km' if k % 5 else 'mi'},{k * 3 % 11}" for k, day in
              enumerate(days()))),
        ["target=n"],
    ),
    "days of the Persian calendar": (
        table("date,sold", *(f"1402-{1 + k // 31:02}-{1 + k % 31:02},{k * 3 % 11}" for k in range(93))),
        ["time=none", "step=1d"],
    ),
    "seasons": (
        table("season,y", *(f"{name} {year},{year % 7}" for year in range(2000, 2020) for name in
              ("Spring", "Summer", "Autumn", "Winter"))),
        ["time=none", "step=1q"],
    ),
    "a column of dates without times": (table("date,y", *daily()), []),
    "days that do not exist": (
        table("Month," + ",".join(map(str, range(1, 32))),
              *(",".join([f"2023-{m:02}", *(str(m * n % 9 + 1) if n < 29 else "-99" for n in range(31))])
                for m in range(2, 3)),
              *(",".join([f"2023-{m:02}", *(str(m * n % 9 + 1) for n in range(31))]) for m in (3,))),
        [],
    ),
    "places": (
        table("date,sold,shop,lat", *daily(extra=lambda k: ",a,50.5"), *daily(extra=lambda k: ",b,48.1")),
        ["static=lat"],
    ),
    "short series": (table("date,sold", *daily(count=8)), ["horizon=2"]),
}  # fmt: skip
SETTINGS = {"a year is too far": {"horizon": 365}, "no times": {"time": "auto"}}


@pytest.fixture
def typed(tmp_path):
    """Checks a table with what is typed."""
    path = tmp_path / "data.csv"

    def check(text, flags, assignments=()):
        path.write_text(text)
        return check_for_training([str(path)], load_settings(None, flags, tuple(assignments)))

    return check


def works(check, text, flags, typed, before):
    """Whether a table is taken with what is typed, or with what is typed then."""
    report = check(text, flags, typed)
    if report.accepted:
        return True
    error = next(finding for finding in report.findings if finding.severity == "error")
    said = error.message
    return (
        len(typed) < DEEPEST
        and said not in before
        and any(works(check, text, flags, [*typed, hint], {*before, said}) for hint in hints(said))
    )


@pytest.mark.parametrize("name", TABLES)
def test_what_a_message_says_to_type_works(typed, name):
    text, wanted = TABLES[name]
    flags = SETTINGS.get(name, {})
    report = typed(text, flags)
    said = {finding.message: finding.severity for finding in report.findings}
    found = {hint: severity for message, severity in said.items() for hint in hints(message)}
    assert set(wanted) <= {*found}
    for hint, severity in found.items():
        kept = {k: v for k, v in flags.items() if k not in hint}
        # Notes are those of the table as `check` would have it read.
        first = [] if severity == "error" or report.command is None else sets_of(report.command)
        if hint.startswith("time="):  # the columns are then others
            first = [typed_before for typed_before in first if not typed_before.startswith("target=")]
        assert works(typed, text, kept, [*first, hint], {*said}), hint


def sets_of(command):
    """The settings of a command, apart from its horizon."""
    words = shlex.split(command)
    told = [(word, value) for word, value in pairwise(words) if word in ("--set", "--step")]
    found = [value if word == "--set" else f"step={value}" for word, value in told]
    return [*found, *(["header=false"] if "--no-header" in words else [])]


@pytest.mark.parametrize("name", TABLES)
def test_the_command_of_check_is_taken(typed, name):
    text, _ = TABLES[name]
    report = typed(text, SETTINGS.get(name, {}))
    if report.command is None:
        assert not report.accepted
        return
    words = shlex.split(report.command)
    flags = {"horizon": int(words[words.index("--horizon") + 1])}
    assert typed(text, flags, sets_of(report.command)).accepted


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("clocks of Berlin", "--set timezone=Europe/Berlin"),
        ("readings at any minute of the day", "--set resample=1d=mean"),
        ("a row twice", "--set on_duplicate=first"),
        ("a year is too far", "--horizon 20"),
    ],
)
def test_the_command_of_check_mends(typed, name, command):
    text, _ = TABLES[name]
    assert command in typed(text, SETTINGS.get(name, {})).command


def test_most_rows_are_never_thrown_away(typed):
    report = typed(TABLES["sales of customers"][0], {})
    (error, *_) = report.findings
    assert "on-duplicate" not in error.message and "on-gap" not in error.message
    assert "--resample 1d=sum adds them up" in error.message
    assert report.command is None


def test_clocks_never_end_in_rows_left_out(typed):
    error = typed(TABLES["clocks of Berlin"][0], {}).findings[0].message
    assert "2024-10-27 02:00:00 comes twice" in error
    assert "on-gap" not in error and "on-duplicate" not in error


def test_states_written_as_they_change_are_brought_onto_a_grid(tmp_path):
    start = datetime(2024, 1, 1)
    times = [start + timedelta(hours=k, milliseconds=k * 7919377 % 2_000_000) for k in range(240)]
    path = tmp_path / "states.csv"
    rows = "".join(f"{t.isoformat(timespec='milliseconds')},{t.hour}\n" for t in times)
    path.write_text("time,state\n" + rows)
    found = check_for_training([str(path)], load_settings(None, {}))
    (error, *_) = found.findings
    assert "--resample 1h=mean brings rows onto a grid" in error.message
    assert "microsecond" not in error.message
    path.write_text(f"time,state\n{rows}2024-02-01T00:00:00.000,unavailable\n")
    command = check_for_training([str(path)], load_settings(None, {})).command
    assert "--set missing=unavailable --set resample=1h=mean" in command


WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
YEAR = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WIDE = [",".join([f"H{s}", *(str(k * s % 9) for k in range(58))]) for s in range(1, 4)]
UNDATED = {
    "no times": (table("sold,price", *(f"{k % 7}.5,{k * k % 5}" for k in range(60))), "--step 1h"),
    "no names": (table(*(f"{k * 3 % 7}.5" for k in range(60))), "--no-header --step 1h"),
    "weekdays": (table("day,y", *(f"{WEEK[k % 7]},{k % 7}.5" for k in range(60))), "--step 1d"),
    "months": (table("month,y", *(f"{YEAR[k % 12]},{k}.5" for k in range(60))), "--step 1mo"),
    "times of day": (table("time,y", *(f"{k % 24:02}:00,{k % 24}.5" for k in range(96))), "--step 1h"),
    "series": (
        table("shop,y", *(f"{s},{k * 3 % 7}.5" for s in "AB" for k in range(60))),
        "--set series=shop",
    ),
    "a header that counts": (table("V1," + ",".join(f"V{k}" for k in range(2, 60)), *WIDE), "--step 1h"),
    "day or month": (table("date,y", *(f"01/{k:02}/2024,{k % 5}" for k in range(1, 13))), "day_first=true"),
}


@pytest.mark.parametrize("name", UNDATED)
def test_check_prints_a_whole_command_for_what_cannot_be_known(typed, name):
    text, wanted = UNDATED[name]
    report = typed(text, {})
    assert not report.accepted and wanted in report.command
    horizon = int(re.search(r"--horizon (\d+)", report.command)[1])
    assert typed(text, {"horizon": horizon}, sets_of(report.command)).accepted
    told = [f.message for f in report.findings if "no time stamps: rows follow one another" in f.message]
    assert bool(told) == ("--step" in report.command)
    assert all("--set season=7 where rows repeat otherwise" in message for message in told)


@pytest.mark.parametrize("command", ["predict", "inspect-gates"])
def test_without_a_model_and_data_both_ways_are_told(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputMissing, match=f"train DATA -m .*; without a model: lstmcli {command} DATA$"):
        program()([command], standalone_mode=False)
