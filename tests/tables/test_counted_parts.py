"""Hours and periods counted from the midnight of each day, and columns that are numbered beside dates."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.for_contract import contract_of, read_for_model

LONDON, YORK = "Europe/London", "America/New_York"
DAYS = [date(2023, 3, 10) + timedelta(days=k) for k in range(250)]


def periods_of(day, zone, minutes):
    """How many periods a day has, as the zone's own midnights tell."""
    first, last = (
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for d in (day, day + timedelta(1))
    )
    return int((last - first) / timedelta(minutes=minutes))


def counted(zone, minutes, days=DAYS):
    """(day, number, value) of all periods of some days; values rise by one."""
    numbers = [(day, n) for day in days for n in range(1, periods_of(day, zone, minutes) + 1)]
    return [(day, n, value) for value, (day, n) in enumerate(numbers)]


def long_lines(header, rows, form="%Y-%m-%d"):
    return [header, *(f"{day.strftime(form)},{n},{value}" for day, n, value in rows)]


def wide_lines(name, highest, rows, fill, form="%Y-%m-%d"):
    cells = {}
    for day, n, value in rows:
        cells.setdefault(day, {})[n] = value
    header = ["date", *(name.format(n) for n in range(1, highest + 1))]
    return [
        ",".join(header),
        *(
            ",".join([day.strftime(form), *(str(of.get(n, fill)) for n in range(1, highest + 1))])
            for day, of in cells.items()
        ),
    ]


def read(path, lines, **settings):
    path.write_text("\n".join(lines) + "\n")
    chosen = Settings(**settings)
    table = read_table(str(path), chosen.options)
    return table, *panel_of(table, chosen)


FORMS = {
    "settlement periods": (LONDON, 30, lambda rows: long_lines("settlement_date,settlement_period,mw", rows)),
    "hours of New York": (YORK, 60, lambda rows: long_lines("Date,HE,mw", rows, "%m/%d/%Y")),
    "quarter hours": ("Europe/Berlin", 15, lambda rows: long_lines("Tag,Viertelstunde,y", rows, "%d.%m.%Y")),
    "SP1 to SP50": (LONDON, 30, lambda rows: wide_lines("SP{}", 50, rows, "")),
    "HE1 to HE25": (YORK, 60, lambda rows: wide_lines("HE{}", 25, rows, "", "%m/%d/%Y")),
    "zeros behind": (LONDON, 60, lambda rows: wide_lines("h{}", 25, rows, "0")),
    "dashes behind": (LONDON, 30, lambda rows: wide_lines("{}", 50, rows, "-")),
    "1 to 100": ("Europe/Berlin", 15, lambda rows: wide_lines("{}", 100, rows, "")),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_zone_reads_days_of_all_lengths(tmp_path, form):
    zone, minutes, lines = FORMS[form]
    rows = [(day, n, value + 1) for day, n, value in counted(zone, minutes)]
    with pytest.raises(DataError, match=r"clock goes back; --set timezone=.* from its midnight") as error:
        read(tmp_path / "t.csv", lines(rows))
    ((name, offered),) = error.value.mends[0].items()
    assert name == "timezone" and (offered == zone or zone not in (LONDON, YORK) or minutes == 60)
    table, panel, _ = read(tmp_path / "t.csv", lines(rows), timezone=zone)
    assert (
        panel.values.tolist() == [value for _, _, value in rows] and panel.step.count == minutes * 60_000_000
    )
    midnight = datetime(2023, 3, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
    hour_ends = timedelta(hours=minutes == 60)
    assert panel.starts[0] == np.datetime64(midnight + hour_ends)
    assert any(f"from its midnight, also where clocks change ({zone})" in note for note in table.notes)


def test_a_model_reads_other_files_and_writes_the_clock_of_the_zone(tmp_path):
    zone, minutes, lines = FORMS["settlement periods"]
    rows = counted(zone, minutes, DAYS[:60])
    table, panel, roles = read(tmp_path / "t.csv", lines(rows), timezone=zone)
    contract = contract_of(table, panel, roles)
    assert contract.time_pattern == f"%Y-%m-%d %H:%M%z @{zone}"
    kept = panel_for_training(
        [str(tmp_path / "t.csv")], Settings(timezone=zone), Cache(tmp_path, lambda *_: None)
    )
    assert kept[1].values.tolist() == panel.values.tolist() and kept[1].starts == panel.starts

    class Model:
        pass

    model = Model()
    model.contract = contract
    later = counted(zone, minutes, DAYS[220:])
    (tmp_path / "later.csv").write_text(
        "\n".join(long_lines("settlement_date,settlement_period,mw", later, "%d/%m/%Y"))
    )
    data = read_for_model(model, tmp_path / "m", [str(tmp_path / "later.csv")])
    assert data.panel.values.tolist() == [value for _, _, value in later]


def test_hours_that_the_zone_does_not_have_are_refused(tmp_path):
    rows = counted(LONDON, 60, DAYS[:60])
    lines = long_lines("Date,Hour,mw", [*rows, (DAYS[60], 25, 1)])
    with pytest.raises(DataError, match=r"hour 25 is on no clock.* with their offset from UTC") as error:
        read(tmp_path / "t.csv", lines, timezone=LONDON)
    assert error.value.mends == ()


def doubled_lines(rows, name="Hour {}", fill="", twice=3):
    """A row a day with the hour that Berlin repeats in columns A and B of its own."""
    labels = [name.format(n) + ab for n in range(1, 25) for ab in (("A", "B") if n == twice else ("",))]
    days = {}
    for day, _, value in rows:
        days.setdefault(day, []).append(str(value))
    cells = {
        25: lambda of: of,
        24: lambda of: [*of[:twice], fill, *of[twice:]],
        23: lambda of: [*of[: twice - 1], fill, fill, *of[twice - 1 :]],
    }
    lines = (",".join([str(day), *cells[len(of)](of)]) for day, of in days.items())
    return [",".join(["Delivery day", *labels]), *lines]


@pytest.mark.parametrize(("name", "fill"), [("Hour {}", ""), ("H{}", "0"), ("{}", "-")])
def test_an_hour_that_has_two_columns_is_read_in_its_zone(tmp_path, name, fill):
    berlin = "Europe/Berlin"
    rows = [(day, n, value + 1) for day, n, value in counted(berlin, 60)]
    lines = doubled_lines(rows, name, fill)
    with pytest.raises(DataError, match=r"t.csv:235:.*hour 25 is on no clock.*--set timezone=Europe/Berlin"):
        read(tmp_path / "t.csv", lines)
    table, panel, _ = read(tmp_path / "t.csv", lines, timezone=berlin)
    assert panel.keys == ((),) and panel.values.tolist() == [value for _, _, value in rows]
    assert panel.starts[0] == np.datetime64("2023-03-10T00:00") and str(panel.step) == "hour"
    assert any("'1' to" in note or "1' to '" in note for note in table.notes)


def test_hours_in_two_columns_without_a_change_of_clocks(tmp_path):
    rows = [(day, n, value + 1) for day, n, value in counted("Europe/Berlin", 60, DAYS[30:90])]
    lines = doubled_lines(rows)
    _, panel, _ = read(tmp_path / "t.csv", lines)
    assert panel.values.tolist() == [value for _, _, value in rows]
    filled = [lines[0], *(line.replace(",,", ",7,") for line in lines[1:])]
    with pytest.raises(DataError, match=r"'Hour 3B' is filled on days on which no clock goes back"):
        read(tmp_path / "t.csv", filled)
    with pytest.raises(DataError, match=r"'7' stands at a time that does not exist, Hour 3B of 2023-04-09"):
        read(tmp_path / "t.csv", filled, timezone="Europe/Berlin")
    from_0 = [",".join(["day", *(f"H{n}{ab}" for n in range(24) for ab in ("AB" if n == 2 else [""]))])]
    with pytest.raises(DataError, match=r"counted from 0; name them from 1"):
        read(tmp_path / "t.csv", [*from_0, *lines[1:]])


def test_an_hour_left_out_in_spring_is_not_counted(tmp_path):
    """Where 3 is missing in spring, hours are those of the clock, and 25 may be any of the repeated ones."""
    rows = [(day, n, 1) for day in DAYS for n in range(1, 25) if (day, n) != (date(2023, 3, 26), 2)]
    rows += [(date(2023, 10, 29), 25, 1)]
    with pytest.raises(DataError, match=r"hour 25 is on no clock.* with their offset from UTC"):
        read(tmp_path / "t.csv", long_lines("Date,Hour,mw", rows), timezone=LONDON)


@pytest.mark.parametrize("name", ["{}", "h{}", "HE{}", "p{}", "s{}", "store_{}", "Store {}", "sensor{}"])
@pytest.mark.parametrize("count", [25, 49, 50, 100])
def test_columns_that_are_filled_every_day_are_series(tmp_path, name, count):
    columns = [name.format(n) for n in range(1, count + 1)]
    lines = [",".join(["date", *columns])]
    lines += [
        ",".join([str(day), *(str((k * 7 + n * 3) % 41 + 10) for n in range(count))])
        for k, day in enumerate(DAYS[:40])
    ]
    _, panel, roles = read(tmp_path / "t.csv", lines)
    assert roles.targets == tuple(columns) and str(panel.step) == "day"


@pytest.mark.parametrize(("name", "count"), [("HE{}", 24), ("hour {}", 24), ("h{}", 24), ("SP{}", 48)])
def test_hours_of_each_day_stay_hours(tmp_path, name, count):
    rows = [(day, n, k * count + n) for k, day in enumerate(DAYS[20:40]) for n in range(1, count + 1)]
    _, panel, _ = read(tmp_path / "t.csv", wide_lines(name, count, rows, ""))
    assert panel.keys == ((),) and panel.values.tolist() == [value for _, _, value in rows]
    _, panel, _ = read(tmp_path / "t.csv", wide_lines(name, count + count // 24, rows, ""))  # none has 25
    assert panel.keys == ((),) and panel.values.tolist() == [value for _, _, value in rows]
