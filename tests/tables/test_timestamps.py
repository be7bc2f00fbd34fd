"""Time stamps in: every way they are written, what they mean, and how predict writes them again."""

import subprocess
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lstmcli.errors import DataError, SettingsError
from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, Step, advance, format_time, seasons
from lstmcli.series.endings import ending_notes
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table, time_pattern
from lstmcli.tables.write.times import format_stamps


@pytest.fixture
def table(tmp_path):
    """A table of the given cells in its column `time`, and the settings it is read with."""

    def make(cells, **settings):
        path = tmp_path / "data.csv"
        path.write_text("\n".join(["time,y", *(f"{cell},{k}" for k, cell in enumerate(cells))]))
        chosen = Settings(**{"time": "time", **settings})
        return read_table(str(path), chosen.options), chosen

    return make


@pytest.fixture
def found(table):
    """Step, first time, and the next two as predict would write them."""

    def make(cells, **settings):
        made, chosen = table(cells, **settings)
        panel, roles = panel_of(made, chosen)
        ahead = advance(panel.starts[0], panel.step, len(cells) + np.arange(2))
        written = format_stamps(ahead, time_pattern(made, roles.time))
        return panel.step, format_time(panel.starts[0]), list(map(str, written)), roles.notes

    return make


@pytest.fixture
def complaint(found):
    def make(cells, **settings):
        with pytest.raises(DataError) as caught:
            found(cells, **settings)
        return caught.value.kind, caught.value.row, str(caught.value)

    return make


HOURLY = Step("fixed", HOUR)
# The first cells of a file; the step, the first time, and what stands in the two rows after.
WAYS = {
    "date": (["2024-02-28", "2024-02-29"], Step("fixed", DAY), "2024-02-28", ["2024-03-01", "2024-03-02"]),
    "blank": (
        ["2024-02-29 22:00:00", "2024-02-29 23:00:00"],
        HOURLY,
        "2024-02-29 22:00:00",
        ["2024-03-01 00:00:00", "2024-03-01 01:00:00"],
    ),
    "T": (
        ["2024-01-01T22:00", "2024-01-01T23:00"],
        HOURLY,
        "2024-01-01 22:00:00",
        ["2024-01-02T00:00", "2024-01-02T01:00"],
    ),
    "hours alone": (
        ["2024-01-01T22", "2024-01-01T23"],
        HOURLY,
        "2024-01-01 22:00:00",
        ["2024-01-02T00", "2024-01-02T01"],
    ),
    "milliseconds": (
        ["2024-01-01 00:00:00.000", "2024-01-01 00:00:00.250"],
        Step("fixed", SECOND // 4),
        "2024-01-01",
        ["2024-01-01 00:00:00.500", "2024-01-01 00:00:00.750"],
    ),
    "microseconds": (
        ["2024-01-01 00:00:00.000000", "2024-01-01 00:00:00.000010"],
        Step("fixed", 10),
        "2024-01-01",
        ["2024-01-01 00:00:00.000020", "2024-01-01 00:00:00.000030"],
    ),
    "mixed precision": (
        ["2024-01-01", "2024-01-01 12:00"],
        Step("fixed", 12 * HOUR),
        "2024-01-01",
        ["2024-01-02 00:00", "2024-01-02 12:00"],
    ),
    "mixed fractions": (
        ["2024-01-01T00:00:00", "2024-01-01T00:00:00.500"],
        Step("fixed", SECOND // 2),
        "2024-01-01",
        ["2024-01-01T00:00:01.000", "2024-01-01T00:00:01.500"],
    ),
    "Z": (
        ["2024-01-01T22:00:00Z", "2024-01-01T23:00:00Z"],
        HOURLY,
        "2024-01-01 22:00:00",
        ["2024-01-02T00:00:00Z", "2024-01-02T01:00:00Z"],
    ),
    "offset": (
        ["2024-01-01 00:30:00+05:30", "2024-01-01 01:30:00+05:30"],
        HOURLY,
        "2023-12-31 19:00:00",
        ["2024-01-01 02:30:00+05:30", "2024-01-01 03:30:00+05:30"],
    ),
    "offset of hours": (
        ["2024-01-01T00:00-05", "2024-01-01T01:00-05"],
        HOURLY,
        "2024-01-01 05:00:00",
        ["2024-01-01T02:00-05", "2024-01-01T03:00-05"],
    ),
    "day first by content": (
        ["30/01/2024", "31/01/2024"],
        Step("fixed", DAY),
        "2024-01-30",
        ["01/02/2024", "02/02/2024"],
    ),
    "points": (["30.01.2024", "31.01.2024"], Step("fixed", DAY), "2024-01-30", ["01.02.2024", "02.02.2024"]),
    "month names": (
        ["30 Jan 2024", "31 Jan 2024"],
        Step("fixed", DAY),
        "2024-01-30",
        ["01 Feb 2024", "02 Feb 2024"],
    ),
    "year": (["2023", "2024"], Step("month", 12, 1), "2023-01-01", ["2025", "2026"]),
    "year-month": (["2023-11", "2023-12"], Step("month", 1, 1), "2023-11-01", ["2024-01", "2024-02"]),
    "month/year": (["11/2023", "12/2023"], Step("month", 1, 1), "2023-11-01", ["01/2024", "02/2024"]),
    "Dutch month": (
        ["maart 2023", "april 2023"],
        Step("month", 1, 1),
        "2023-03-01",
        ["mei 2023", "juni 2023"],
    ),
    "Swedish month": (
        ["mars 2023", "april 2023"],
        Step("month", 1, 1),
        "2023-03-01",
        ["maj 2023", "juni 2023"],
    ),
    "Polish month": (["lis 2023", "gru 2023"], Step("month", 1, 1), "2023-11-01", ["sty 2024", "lut 2024"]),
    "Swedish week": (["v1 2024", "v2 2024"], Step("fixed", 7 * DAY), "2024-01-01", ["v3 2024", "v4 2024"]),
    "month as a number": (["202311", "202312"], Step("month", 1, 1), "2023-11-01", ["202401", "202402"]),
    "quarter": (["2023Q3", "2023Q4"], Step("month", 3, 1), "2023-07-01", ["2024Q1", "2024Q2"]),
    "quarter with hyphen": (
        ["2023-Q3", "2023-Q4"],
        Step("month", 3, 1),
        "2023-07-01",
        ["2024-Q1", "2024-Q2"],
    ),
    "ISO week of a year of 53": (
        ["2020-W52", "2020-W53"],
        Step("fixed", 7 * DAY),
        "2020-12-21",
        ["2021-W01", "2021-W02"],
    ),
    "ISO week day": (
        ["2024-W05-6", "2024-W05-7"],
        Step("fixed", DAY),
        "2024-02-03",
        ["2024-W06-1", "2024-W06-2"],
    ),
    "compact date": (["20240228", "20240229"], Step("fixed", DAY), "2024-02-28", ["20240301", "20240302"]),
    "compact hour": (
        ["2024022822", "2024022823"],
        HOURLY,
        "2024-02-28 22:00:00",
        ["2024022900", "2024022901"],
    ),
    "compact minute": (
        ["202402282345", "202402290000"],
        Step("fixed", 15 * MINUTE),
        "2024-02-28 23:45:00",
        ["202402290015", "202402290030"],
    ),
    "epoch seconds": (
        ["1709157600", "1709161200"],
        HOURLY,
        "2024-02-28 22:00:00",
        ["1709164800", "1709168400"],
    ),
    "epoch milliseconds": (
        ["1709157600000", "1709157600250"],
        Step("fixed", SECOND // 4),
        "2024-02-28 22:00:00",
        ["1709157600500", "1709157600750"],
    ),
    "epoch as decimals": (
        ["1709157600.0", "1709161200.0"],
        HOURLY,
        "2024-02-28 22:00:00",
        ["1709164800.0", "1709168400.0"],
    ),
    "plain steps": (["7", "9"], Step("plain", 2), "7", ["11", "13"]),
    "plain steps as long as seconds of 1980": (
        ["315532800", "315532900"],
        Step("plain", 100),
        "315532800",
        ["315533000", "315533100"],
    ),
}


@pytest.mark.parametrize(("cells", "step", "first", "ahead"), WAYS.values(), ids=WAYS)
def test_stamps_are_read_and_written_the_same_way(found, cells, step, first, ahead):
    assert found(cells)[:3] == (step, first, ahead)


def test_epoch_is_that_of_python(found):
    moments = [datetime(2024, 3, 31, h, tzinfo=UTC) for h in range(3)]
    _, first, ahead, notes = found([str(int(m.timestamp())) for m in moments])
    assert first == "2024-03-31"
    assert ahead[0] == str(int(datetime(2024, 3, 31, 3, tzinfo=UTC).timestamp()))
    assert notes == ("time stamps taken as seconds since 1970, UTC",)


def test_what_is_taken_for_dates_is_said(found):
    assert found(["202401", "202402"])[3] == ("time stamps taken as dates: 202401 is 2024-01-01",)


@pytest.mark.parametrize(
    ("day_first", "step", "first"),
    [(True, Step("month", 1, 1), "2024-01-01"), (False, Step("fixed", DAY), "2024-01-01")],
)
def test_the_option_says_whether_the_day_comes_first(found, day_first, step, first):
    assert found(["01/01/2024", "01/02/2024", "01/03/2024"], day_first=day_first)[:2] == (step, first)


def test_without_the_option_such_dates_are_refused(complaint):
    kind, row, said = complaint(["01/01/2024", "01/02/2024", "01/03/2024"])
    assert (kind, row) == ("ambiguous-date", 2)
    assert said.endswith("or say --set day_first=true (or false)")


def test_a_date_that_is_not_of_the_order_that_is_set_names_its_row(complaint):
    assert complaint(["01/12/2024", "01/13/2024"], day_first=True)[:2] == ("not-a-time", 3)


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (["2024-01-01T00:00:00Z", "2024-01-01T01:00:00"], 3),
        (["2024-01-01T00:00:00", "2024-01-01T01:00:00+01:00"], 3),
        (["2024Q3", "2024Q5"], 3),
        (["2024-W51", "2024-W53"], 3),
        (["2024-11", "2024-13"], 3),
        (["2023-02-28", "2023-02-29"], 3),
        (["1.5", "2.5"], 2),
    ],
)
def test_what_is_no_stamp_names_its_row(complaint, cells, row):
    assert complaint(cells)[:2] == ("not-a-time", row)


# Time zones


def local_hours(zone, first, count, minutes=60):
    """What a clock on the wall of a zone shows, and the offsets from UTC, from a time of UTC on."""
    moments = [
        (first.replace(tzinfo=UTC) + timedelta(minutes=minutes * k)).astimezone(ZoneInfo(zone))
        for k in range(count)
    ]
    return moments


CHANGES = {
    "Berlin spring": ("Europe/Berlin", datetime(2024, 3, 30, 20)),
    "Berlin autumn": ("Europe/Berlin", datetime(2024, 10, 26, 20)),
    "New York spring": ("America/New_York", datetime(2024, 3, 10, 3)),
    "New York autumn": ("America/New_York", datetime(2024, 11, 3, 3)),
    "Sydney spring": ("Australia/Sydney", datetime(2024, 10, 5, 12)),
    "Sydney autumn": ("Australia/Sydney", datetime(2024, 4, 6, 12)),
}


@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.parametrize(("zone", "first"), CHANGES.values(), ids=CHANGES)
def test_local_times_of_a_zone_are_regular_over_a_change_of_the_clock(found, zone, first, minutes):
    count = 12 * 60 // minutes
    moments = local_hours(zone, first, count + 2, minutes)
    step, start, ahead, notes = found([f"{m:%Y-%m-%d %H:%M}" for m in moments[:count]], timezone=zone)
    assert step == Step("fixed", minutes * MINUTE)
    assert start == format_time(np.datetime64(first, "us"))
    assert ahead == [m.isoformat(" ", "minutes") for m in moments[count:]]
    assert notes == (f"local times of {zone}",)


@pytest.mark.parametrize(("zone", "first"), CHANGES.values(), ids=CHANGES)
def test_rows_that_run_backwards_over_a_change_of_the_clock(found, zone, first):
    moments = local_hours(zone, first, 12)
    step, start, _, notes = found([f"{m:%Y-%m-%d %H:%M}" for m in moments[::-1]], timezone=zone)
    assert (step, start) == (HOURLY, format_time(np.datetime64(first, "us")))
    assert "rows were not in order of time: sorted" in notes


@pytest.mark.parametrize(("zone", "first"), CHANGES.values(), ids=CHANGES)
def test_stamps_with_offsets_are_regular_over_a_change_of_the_clock(found, zone, first):
    moments = local_hours(zone, first, 14)
    cells = [m.isoformat() for m in moments[:12]]
    utc = [f"{m.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for m in moments[12:]]
    assert found(cells)[:3] == (HOURLY, format_time(np.datetime64(first, "us")), utc)
    assert found(cells, timezone=zone)[2] == [m.isoformat() for m in moments[12:]]


@pytest.mark.parametrize(("zone", "first"), CHANGES.values(), ids=CHANGES)
def test_without_a_zone_the_complaint_suggests_one(complaint, zone, first):
    kind, _, said = complaint([f"{m:%Y-%m-%d %H:%M}" for m in local_hours(zone, first, 12)])
    forward = local_hours(zone, first, 12)[0].utcoffset() < local_hours(zone, first, 12)[-1].utcoffset()
    assert kind == ("gap" if forward else "duplicate-time")
    assert f"--set timezone={zone} (or your zone)" in said


@pytest.mark.parametrize("missing", ["2024-04-06T02", "2024-07-07T02", "2024-03-31T02 2024-03-31T03"])
def test_other_gaps_are_not_blamed_on_the_clock(complaint, missing):
    hours = [datetime.fromisoformat(missing[:13]) + timedelta(hours=k - 5) for k in range(10)]
    cells = [f"{h:%Y-%m-%dT%H}" for h in hours if f"{h:%Y-%m-%dT%H}" not in missing]
    kind, _, said = complaint(cells)
    assert kind == "gap"
    assert "timezone" not in said


def test_each_series_has_its_own_repeated_hour(tmp_path):
    moments = local_hours("Europe/Berlin", datetime(2024, 10, 26, 20), 8)
    rows = [f"{m:%Y-%m-%d %H:%M},{s},{k}" for k, m in enumerate(moments) for s in "ab"]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["time,shop,y", *rows]))
    settings = Settings(timezone="Europe/Berlin", series="shop")
    panel, _ = panel_of(read_table(str(path), settings.options), settings)
    assert [panel.history(s).tolist() for s in (0, 1)] == [list(range(8))] * 2


def test_a_time_that_the_clock_left_out_names_its_row(complaint):
    kind, row, said = complaint(
        ["2024-03-31 01:30", "2024-03-31 02:30", "2024-03-31 03:30"], timezone="Europe/Berlin"
    )
    assert (kind, row) == ("not-a-time", 3)
    assert "does not exist in Europe/Berlin" in said


@pytest.mark.parametrize("zone", ["", "Europe/Berlin"])
def test_local_midnights_with_changing_offsets_are_days(found, zone):
    days = [datetime(2024, 3, d, tzinfo=ZoneInfo("Europe/Berlin")) for d in (29, 30, 31)]
    days.append(datetime(2024, 4, 1, tzinfo=ZoneInfo("Europe/Berlin")))
    step, first, ahead, _ = found([d.isoformat() for d in days], timezone=zone)
    assert (step, first) == (Step("fixed", DAY), "2024-03-29")
    assert ahead == ["2024-04-02T00:00:00", "2024-04-03T00:00:00"]


def test_local_midnights_of_one_offset_keep_it(found):
    cells = [f"2024-01-{d:02}T00:00:00+02:00" for d in (4, 5, 8, 9, 10, 11, 12, 15)]
    step, first, ahead, _ = found(cells)
    assert (step, first) == (Step("business day", 1), "2024-01-04")
    assert ahead == ["2024-01-16T00:00:00+02:00", "2024-01-17T00:00:00+02:00"]


def test_months_of_local_midnights(found):
    cells = ["2024-03-01T00:00:00+01:00", "2024-04-01T00:00:00+02:00", "2024-05-01T00:00:00+02:00"]
    assert found(cells)[:2] == (Step("month", 1, 1), "2024-03-01")


def test_days_have_no_zone(found):
    assert found(["2024-03-30", "2024-03-31"], timezone="Europe/Berlin")[2] == ["2024-04-01", "2024-04-02"]


def test_a_zone_that_is_none_is_told_with_one_that_is(table):
    made, chosen = table(["2024-01-01 00:00", "2024-01-01 01:00"], timezone="Europe/Berln")
    with pytest.raises(SettingsError, match=r"no time zone 'Europe/Berln'. Did you mean 'Europe/Berlin'"):
        panel_of(made, chosen)


# Steps that are given


def test_rows_without_stamps_count_and_have_the_seasons_of_their_step(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("shop,y\na,1\na,2\nb,3\na,4\nb,5\nb,6\nb,7\n")
    settings = Settings(step="1h")
    panel, roles = panel_of(read_table(str(path), settings.options), settings)
    assert (roles.time, roles.series, roles.targets) == ("", ("shop",), ("y",))
    assert panel.step == Step("fixed", HOUR, dated=False)
    assert seasons(panel.step)[:2] == (24, 168)
    assert [panel.history(s).tolist() for s in (0, 1)] == [[1, 2, 4], [3, 5, 6, 7]]
    assert panel.times(1, 0, 5).tolist() == [1, 2, 3, 4, 5]
    said = "no time stamps: rows follow one another; --step 1h has seasons of 24 and 168 rows "
    assert f"{said}(--set season=7 where rows repeat otherwise)" in roles.notes


def test_a_time_column_may_be_declined(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("day,y\n1,1\n2,2\n1,3\n2,4\n")
    settings = Settings(time="none", step="1d", target="y")
    panel, _ = panel_of(read_table(str(path), settings.options), settings)
    assert panel.history(0).tolist() == [1, 2, 3, 4]
    with pytest.raises(DataError, match="say how far apart rows are"):
        panel_of(read_table(str(path)), Settings(time="none"))


@pytest.mark.parametrize(
    ("cells", "text", "step"),
    [
        (["2024-01-01", "2024-01-08", "2024-01-09"], "1d", Step("fixed", DAY)),
        (["2024-01-05", "2024-01-08", "2024-01-09"], "1bd", Step("business day", 1)),
        (["2024-01-31", "2024-02-29", "2024-04-30"], "1mo", Step("month", 1, 31)),
        (["2024-01-15", "2024-04-15"], "1mo", Step("month", 1, 15)),
        (["1", "2", "4"], "1h", Step("fixed", HOUR, dated=False)),
        (["10", "20", "40"], 10, Step("plain", 10)),
    ],
)
def test_a_step_that_is_given_is_taken(found, cells, text, step):
    assert found(cells, step=text, on_gap="mask")[0] == step


def test_a_step_of_another_kind_than_the_column_is_refused(complaint):
    assert complaint(["2024-01-01", "2024-01-02"], step=5)[0] == "irregular"


def test_dates_of_a_typed_file_are_taken_as_they_are():
    import pandas as pd

    from lstmcli.settings.reading import ReadOptions
    from lstmcli.tables.read import Table

    def of(index, **options):
        frame = pd.DataFrame({"when": index, "y": range(len(index))})
        table = Table(frame, "data", (), ReadOptions(**options))
        made, roles = panel_of(table, Settings())
        pattern = time_pattern(table, roles.time)
        return made.step, str(format_stamps(made.times(0, 1, 1), pattern)[0])

    assert of(pd.date_range("2024-01-01", periods=3)) == (Step("fixed", DAY), "2024-01-02")
    assert of(pd.date_range("2024-01-01", periods=3, freq="h")) == (HOURLY, "2024-01-01 01:00:00")
    zoned = pd.date_range("2024-03-31", periods=5, freq="h", tz="Europe/Berlin")
    assert of(zoned) == (HOURLY, "2024-03-31 00:00:00Z")
    wall = zoned.tz_localize(None)
    assert of(wall, timezone="Europe/Berlin") == (HOURLY, "2024-03-31 01:00:00+01:00")


@pytest.mark.parametrize(("cycle", "step"), [(range(1, 13), "1mo"), (range(24), "1h"), (range(1, 53), "1w")])
def test_numbers_that_begin_anew_may_be_counted(tmp_path, cycle, step):
    path = tmp_path / "data.csv"
    numbers = [n for _ in range(6) for n in cycle]
    path.write_text("Month,v\n" + "".join(f"{n},{k % 7}\n" for k, n in enumerate(numbers)))
    with pytest.raises(DataError, match=f"--set time=none --step {step}") as error:
        panel_of(read_table(str(path)), Settings())
    mend = error.value.mends[0]
    assert mend == {"time": "none", "step": step}
    made = Settings(**mend)
    assert panel_of(read_table(str(path), made.options), made)[0].lengths.tolist() == [len(numbers)]


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S"]
)
@pytest.mark.parametrize("begin", [0, 5])
def test_midnights_may_be_written_without_their_time(tmp_path, form, begin):
    day = form[:8]
    hours = [datetime(2024, 1, 30, begin) + timedelta(hours=k) for k in range(60)]
    rows = [f"{t.strftime(form if t.hour else day)};{k % 7}" for k, t in enumerate(hours)]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["Time;y", *rows]) + "\n")
    table = read_table(str(path))
    panel, roles = panel_of(table, Settings())
    assert panel.step == Step("fixed", HOUR) and panel.lengths.tolist() == [60]
    assert format_time(panel.starts[0]) == format_time(np.datetime64(hours[0], "us"))
    assert "dates without a time of day taken as 00:00" in roles.notes
    after = np.array([np.datetime64("2024-02-02", "us")])
    assert list(format_stamps(after, time_pattern(table, "Time"))) == [datetime(2024, 2, 2).strftime(form)]
    kept = panel_for_training([str(path)], Settings(), Cache(tmp_path / "kept", lambda *_: None))[1]
    assert kept.starts.tolist() == panel.starts.tolist() and kept.lengths.tolist() == [60]


def test_years_among_quarters_are_told(tmp_path):
    years = [str(year) for year in range(2005, 2015)]
    times = [text for year in years for text in (year, *(f"{year} Q{q}" for q in range(1, 5)))]
    lines = ["Period,GDP", *(f"{text},{k}.5" for k, text in enumerate(times))]
    path = tmp_path / "gdp.csv"
    path.write_text("\n".join([*lines, ""]))
    with pytest.raises(DataError) as caught:
        panel_of(read_table(str(path)), Settings())
    said = str(caught.value)
    assert ":2:Period: the times are whole years, '2005', and parts of years, '2005 Q1' in row 3" in said
    command = said.split("kind: ")[1].partition(" > ")[0]
    kept = subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout
    assert kept.splitlines() == [line for line in lines if "Q" in line or "GDP" in line]


@pytest.mark.parametrize("varies", [True, False])
def test_days_whose_offsets_differ_are_told_to_lose_them(varies, tmp_path):
    days = [datetime(2024, 3, 1) + timedelta(days=k) for k in range(20)]
    offsets = ["-04:00" if varies and day.day > 10 else "-05:00" for day in days]
    rows = [
        f"{day:%Y-%m-%d %H:%M:%S}{off},{k}" for k, (day, off) in enumerate(zip(days, offsets, strict=True))
    ]
    path = tmp_path / "days.csv"
    path.write_text("\n".join(["time,y", *rows, ""]))
    table = read_table(str(path))
    panel, roles = panel_of(table, Settings())
    assert any("offsets from UTC differ" in note for note in roles.notes) == varies
    assert panel.starts[0] == np.datetime64("2024-03-01")
    assert table.patterns["time"] == "%Y-%m-%d %H:%M:%S" + ("" if varies else "-05:00")


def test_notes_on_ends_show_the_clock_of_the_zone(tmp_path):
    hours = [datetime(2024, 7, 1) + timedelta(hours=k) for k in range(60)]
    path = tmp_path / "hours.csv"
    rows = [f"{hour:%Y-%m-%d %H:%M},{k if k < 50 else ''}" for k, hour in enumerate(hours)]
    path.write_text("\n".join(["time,y", *rows, ""]))
    made = Settings(timezone="Europe/Berlin")
    table = read_table(str(path), made.options)
    panel, _ = panel_of(table, made)
    (note,) = ending_notes(panel)
    assert note == "10 rows after the last value: the forecast begins there, at 2024-07-03 02:00:00+02:00"


@pytest.mark.parametrize("place", [0, 3])
def test_a_time_beyond_all_numbers_is_refused(tmp_path, place):
    cells = [str(n) for n in range(1, 9)]
    cells[place] = "1e400"
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["time,y", *(f"{cell},{n}" for n, cell in enumerate(cells)), ""]))
    with pytest.raises(DataError, match="is not a time stamp"):
        panel_of(read_table(str(path)), Settings(time="time"))


def test_stamps_without_fractions_among_others_with_them_are_times(tmp_path):
    start = datetime(2024, 1, 1)
    stamps = [(start + timedelta(seconds=k / 4)).isoformat() for k in range(40)]  # every fourth is whole
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["when,v", *(f"{stamp},{k}.5" for k, stamp in enumerate(stamps)), ""]))
    panel, roles = panel_of(read_table(str(path)), Settings())
    assert (roles.time, panel.lengths.tolist(), panel.step) == ("when", [40], Step("fixed", 250_000))
