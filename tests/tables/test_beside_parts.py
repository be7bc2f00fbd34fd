"""Other numbers beside columns that count the parts of years or days."""

import pytest

from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

YEARS = range(2000, 2012)
QUARTERS, MONTHS = ["Q1", "Q2", "Q3", "Q4"], [f"M{m}" for m in range(1, 13)]


def read(tmp_path, header, rows, **settings):
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    chosen = Settings(**settings)
    table = read_table(str(tmp_path / "t.csv"), chosen.options)
    return table, *panel_of(table, chosen)


def parts_of(count):
    return [[(year * 7 + k * 5) % 43 + 10 for k in range(count)] for year in YEARS]


@pytest.mark.parametrize("names", [["s1", "s2"], ["S1", "S2"], ["h1", "h2"], ["t1", "t2", "t3", "t4"]])
@pytest.mark.parametrize("others", [["enrolment"], ["gdp", "population"]])
@pytest.mark.parametrize("before", [False, True])
def test_numbered_letters_beside_other_numbers_are_columns(tmp_path, names, others, before):
    rows = []
    for year, parts in zip(YEARS, parts_of(len(names)), strict=True):
        more = [year * 31 % 97 + 100 * k for k in range(len(others))]
        rows.append([year, *more, *parts] if before else [year, *parts, *more])
    header = ["year", *others, *names] if before else ["year", *names, *others]
    _, panel, roles = read(tmp_path, header, rows)
    assert {*roles.targets} == {*names, *others} and str(panel.step) == "year"


@pytest.mark.parametrize("fold", [sum, lambda parts: sum(parts) / len(parts)])
@pytest.mark.parametrize("names", [["S1", "S2"], QUARTERS])
def test_sums_and_means_of_parts_are_left_out_and_told(tmp_path, names, fold):
    rows = [[year, *parts, fold(parts)] for year, parts in zip(YEARS, parts_of(len(names)), strict=True)]
    table, panel, _ = read(tmp_path, ["year", *names, "x"], rows)
    assert panel.values.tolist() == [value for parts in parts_of(len(names)) for value in parts]
    said = (
        "not in the table: the column 'x', no times of the header (--set time=year keeps it, a series each)"
    )
    assert said in table.notes


@pytest.mark.parametrize("names", [QUARTERS, MONTHS])
def test_other_numbers_beside_sure_parts_are_told_with_what_keeps_them(tmp_path, names):
    rows = [[year, *parts, year * 31 % 97] for year, parts in zip(YEARS, parts_of(len(names)), strict=True)]
    table, panel, _ = read(tmp_path, ["year", *names, "gdp"], rows)
    assert panel.keys == ((),) and any(
        "'gdp', no times" in note and "time=year" in note for note in table.notes
    )
    assert read(tmp_path, ["year", *names, "gdp"], rows, time="year")[2].targets == (*names, "gdp")


def test_names_of_series_are_no_other_numbers(tmp_path):
    rows = [[year, site, *parts] for site in (1, 2) for year, parts in zip(YEARS, parts_of(2), strict=True)]
    _, panel, roles = read(tmp_path, ["year", "site", "s1", "s2"], rows)
    assert roles.series == ("site",) and panel.lengths.tolist() == [24, 24]
