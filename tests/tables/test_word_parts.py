"""Words for parts of days and years, and columns that may be the hours of days: told, refused or joined."""

import subprocess
from datetime import date, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table

DAYS = [date(2024, 1, 1) + timedelta(days=k) for k in range(20)]
YEARS = range(2000, 2016)
SEASONS = {
    "English": ["Winter", "Spring", "Summer", "Autumn"],
    "American": ["spring", "summer", "fall", "winter"],
    "German": ["Frühling", "Sommer", "Herbst", "Winter"],
    "French": ["hiver", "printemps", "été", "automne"],
}


def read(path, header, rows):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    table = read_table(str(path), Settings().options)
    return table, *panel_of(table, Settings())


@pytest.mark.parametrize(
    "parts",
    [["morning", "afternoon", "night"], ["AM", "PM"], ["Früh", "Mittag", "Abend"], ["matin", "soir"],
     ["day", "night"], ["mañana", "tarde", "noche"], ["early", "late"]],
)  # fmt: skip
@pytest.mark.parametrize("name", ["part", "shift", "time"])
def test_parts_of_days_are_told_as_series(tmp_path, parts, name):
    rows = [(day, part, k * 3 % 7) for k, day in enumerate(DAYS) for part in parts]
    _, panel, roles = read(tmp_path / "t.csv", f"date,{name},sold", rows)
    assert roles.series == (name,) and len(panel) == len(parts)
    said = f"{name}: {parts[0]!r} to {parts[-1]!r} are series of their own, as no time is read from them; "
    assert f"{said}written as 06:00 they are times of one series" in roles.notes
    kept = panel_for_training(
        [str(tmp_path / "t.csv")], Settings(), Cache(tmp_path / "kept", lambda *_: None)
    )
    assert kept[2].notes == roles.notes


def test_other_names_are_not_told(tmp_path):
    rows = [(day, part, k * 3 % 7) for k, day in enumerate(DAYS) for part in ("night", "Berlin")]
    assert read(tmp_path / "t.csv", "date,shop,sold", rows)[2].notes == ()


@pytest.mark.parametrize("form", ["{day} {word}", "{day:%d/%m/%Y} {word}", "{day:%d.%m.%Y}, {word}"])
@pytest.mark.parametrize("words", [["AM", "PM"], ["morning", "evening"], ["Tag", "Nacht"]])
def test_parts_behind_dates_are_refused(tmp_path, form, words):
    cells = [form.format(day=day, word=word) for day in DAYS[:12] for word in words]
    rows = [(f'"{cell}"', k % 7) for k, cell in enumerate(cells)]
    with pytest.raises(DataError, match=f":2:date: .*: '{words[0]}' is no time of day; write it as 06:00"):
        read(tmp_path / "t.csv", "date,sold", rows)


@pytest.mark.parametrize("case", SEASONS)
def test_seasons_beside_years_are_quarters_in_their_order(tmp_path, case):
    rows = [(year, season, year * 4 + k) for year in YEARS for k, season in enumerate(SEASONS[case])]
    table, panel, roles = read(tmp_path / "t.csv", "year,season,y", rows)
    assert (roles.series, str(panel.step)) == ((), "quarter")
    assert panel.values.tolist() == [row[2] for row in rows]
    first, last = SEASONS[case][0], SEASONS[case][-1]
    said = f"season: {first!r} to {last!r} are taken for the 4 parts of a year in the order of the rows"
    assert f"{said} (--set time=year: a series each)" in table.notes


@pytest.mark.parametrize(
    "form", ["{season} {year}", "{year} {season}", "{season} {year}/01", "{season}-{year}", "{season}"]
)
@pytest.mark.parametrize("case", SEASONS)
@pytest.mark.parametrize("name", ["season", "time", "x"])
def test_seasons_in_one_cell_are_refused_with_what_to_write(tmp_path, case, form, name):
    cells = [form.format(year=year, season=season) for year in YEARS for season in SEASONS[case]]
    with pytest.raises(DataError) as error:
        read(tmp_path / "t.csv", f"{name},y", [(cell, k % 7) for k, cell in enumerate(cells)])
    said = (
        f":2:{name}: {cells[0]!r} is not a time stamp: seasons are not read; write quarters as 2024-Q1, or "
    )
    assert f"{said}count rows, without times: --set time=none --step 1q" in str(error.value)


def told(roles, begin):
    (note,) = [note for note in roles.notes if note.startswith(begin)]
    return note


def after_sed(path, note):
    command = note[note.index("sed '") :]
    made = subprocess.run(f"{command} {path}", shell=True, check=True, capture_output=True, timeout=20).stdout
    path.write_bytes(made)
    table = read_table(str(path), Settings().options)
    return panel_of(table, Settings())


@pytest.mark.parametrize("case", SEASONS)
def test_seasons_across_are_told_with_a_command(tmp_path, case):
    rows = [(year, *(year * 4 + k for k in range(4))) for year in YEARS]
    _, panel, roles = read(tmp_path / "t.csv", f"year,{','.join(SEASONS[case])}", rows)
    assert len(panel) == 4
    panel, _ = after_sed(tmp_path / "t.csv", told(roles, ", ".join(SEASONS[case])))
    assert str(panel.step) == "quarter" and panel.values.tolist() == [v for row in rows for v in row[1:]]


MONTHS = [f"{2022 + k // 12}-{k % 12 + 1:02}" for k in range(20)]
COUNTED = {
    "hours": ("V{}", 24, DAYS, "hours of each date"),
    "hours in words": ("Value {}", 24, DAYS, "hours of each date"),
    "half hours": ("col_{}", 48, DAYS, "half hours of each date"),
    "quarter hours": ("x{}", 96, DAYS, "quarter hours of each date"),
    "days": ("VALUE{}", 31, MONTHS, "days of each month"),
    "months": ("V{}", 12, YEARS, "months of each year"),
    "weeks": ("V{}", 52, YEARS, "weeks of each year"),
}


@pytest.mark.parametrize("case", COUNTED)
def test_columns_that_may_be_parts_are_told_with_a_command(tmp_path, case):
    name, count, times, what = COUNTED[case]
    columns, head = [name.format(k + 1) for k in range(count)], what.split()[-1]
    rows = [(time, *((n * count + k) % 997 for k in range(count))) for n, time in enumerate(times)]
    _, panel, roles = read(tmp_path / "t.csv", f"{head},{','.join(columns)}", rows)
    assert len(panel) == count
    note = told(roles, f"{columns[0]} to {columns[-1]} are a series each; where they are the {what}: sed ")
    if case in ("days", "weeks"):  # that some months and years do not have
        return
    panel, _ = after_sed(tmp_path / "t.csv", note)
    assert panel.keys == ((),) and panel.values.tolist() == [v for row in rows for v in row[1:]]


@pytest.mark.parametrize("name", ["store_{}", "sensor{}", "s{}"])
def test_other_columns_are_not_told(tmp_path, name):
    columns = [name.format(k + 1) for k in range(24)]
    rows = [(day, *((n * 7 + k * k) % 37 for k in range(24))) for n, day in enumerate(DAYS)]
    assert read(tmp_path / "t.csv", f"date,{','.join(columns)}", rows)[2].notes == ()


@pytest.mark.parametrize("header", ["ANO;MES;DIA", "date"])
def test_hours_with_a_flag_behind_each_are_hours(tmp_path, header):
    columns = ";".join(f"H{k:02};V{k:02}" for k in range(1, 25))
    lines = [f"{header};{columns}"]
    for n, day in enumerate(DAYS):
        start = f"{day.year};{day.month};{day.day}" if ";" in header else str(day)
        lines.append(f"{start};" + ";".join(f"{n * 24 + k};{'N' if k % 9 == 5 else 'V'}" for k in range(24)))
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    table = read_table(str(tmp_path / "t.csv"), Settings().options)
    panel, roles = panel_of(table, Settings())
    assert panel.values.tolist() == [*range(24 * len(DAYS))] and roles.series == ()
    assert any(
        "not in the table: the columns 'V01', 'V02', 'V03', 'V04' and 20 more" in note for note in table.notes
    )
