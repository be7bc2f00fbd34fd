"""Cells of tables of times that stand at times which do not exist: 30 February, the 53rd of 52 weeks."""

from calendar import monthrange

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table

MONTHS = [f"{m:02}-2023" for m in range(1, 13)]


def value(month, day, never):
    return month * 100 + day if day <= monthrange(2023, month)[1] else never


def days_down(never):
    rows = [[d, *(value(m, d, never) for m in range(1, 13))] for d in range(1, 32)]
    return [["Day", *MONTHS], *rows]


def days_across(never):
    rows = [[f"2023-{m:02}", *(value(m, d, never) for d in range(1, 32))] for m in range(1, 13)]
    return [["Month", *range(1, 32)], *rows]


def days_across_by_year(never):
    rows = [["a", 2023, m, *(value(m, d, never) for d in range(1, 32))] for m in range(1, 13)]
    return [["site", "year", "month", *(f"d{d}" for d in range(1, 32))], *rows]


def days_by_year(never):
    rows = [[2023, d, *(value(m, d, never) for m in range(1, 13))] for d in range(1, 32)]
    return [["Year", "Day", *(f"M{m}" for m in range(1, 13))], *rows]


FORMS = {
    "days down": (days_down, "30:02-2023", "day 29 of 02-2023"),
    "days across": (days_across, "3:29", "day 29 of 2023-02"),
    "days across, year beside month": (days_across_by_year, "3:d29", "day d29 of 2023, 2"),
    "days of years down": (days_by_year, "30:M2", "month M2 of 2023, 29"),
}
WHOLE = [value(m, d, "") for m in range(1, 13) for d in range(1, monthrange(2023, m)[1] + 1)]


def read(tmp_path, rows, **settings):
    (tmp_path / "t.csv").write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")
    chosen = Settings(**settings)
    table = read_table(str(tmp_path / "t.csv"), chosen.options)
    return table, panel_of(table, chosen)[0]


@pytest.mark.parametrize("never", ["", "-", "NA", "n/a", "?", "..."])
@pytest.mark.parametrize("form", FORMS)
def test_marks_of_missing_are_left_out(tmp_path, form, never):
    table, panel = read(tmp_path, FORMS[form][0](never))
    assert panel.values.tolist() == WHOLE and str(panel.starts[0])[:10] == "2023-01-01"
    assert not any("not in the table" in note for note in table.notes)


@pytest.mark.parametrize("never", ["0", "0.0", "x", "***"])
@pytest.mark.parametrize("form", FORMS)
def test_zeros_and_words_are_left_out_and_told(tmp_path, form, never):
    rows, _, place = FORMS[form]
    table, panel = read(tmp_path, rows(never))
    assert panel.values.tolist() == WHOLE
    assert (
        f"not in the table: 7 cells at times that do not exist ({place}), which hold {never!r}" in table.notes
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_number_is_refused_with_its_cell(tmp_path, form):
    rows, at, place = FORMS[form]
    with pytest.raises(DataError) as error:
        read(tmp_path, rows("-9999"))
    said = f":{at}: '-9999' stands at a time that does not exist, {place}; empty the cell"
    assert said in str(error.value) and error.value.kind == "not-a-time"
    mend = "or where it stands for a missing value: --set 'missing=[\"-9999\"]'"
    assert mend in str(error.value) and error.value.mends == ({"missing": ["-9999"]},)
    assert read(tmp_path, rows("-9999"), **error.value.mends[0])[1].values.tolist() == WHOLE


def test_different_numbers_are_to_be_emptied(tmp_path):
    rows = days_down("0")
    rows[29][2], rows[30][2], rows[31][4] = 7.5, 8.5, 0
    with pytest.raises(
        DataError, match=r"'7.5' stands at a time that does not exist, day 29 of 02-2023; empty the cell$"
    ) as e:
        read(tmp_path, rows)
    assert e.value.mends == ()


def test_a_cache_is_the_same(tmp_path):
    read(tmp_path, days_down("0"))
    kept = panel_for_training(
        [str(tmp_path / "t.csv")], Settings(), Cache(tmp_path / "kept", lambda *_: None)
    )
    assert kept[1].values.tolist() == WHOLE


@pytest.mark.parametrize("never", ["", "0", "-"])
@pytest.mark.parametrize("across", [True, False])
def test_weeks_of_years(tmp_path, across, never):
    years = range(2018, 2023)
    cells = {(y, w): y * 100 + w if w < 53 or y == 2020 else never for y in years for w in range(1, 54)}
    if across:
        rows = [["Year", *(f"W{w}" for w in range(1, 54))]]
        rows += [[y, *(cells[y, w] for w in range(1, 54))] for y in years]
    else:
        rows = [["Week", *years], *([w, *(cells[y, w] for y in years)] for w in range(1, 54))]
    table, panel = read(tmp_path, rows)
    assert panel.values.tolist() == [cell for cell in cells.values() if cell not in ("", "0", "-")]
    told = [note for note in table.notes if "not in the table: 4 cells" in note]
    assert len(told) == (never == "0") and str(panel.step) == "week"


def test_rows_of_dates_that_do_not_exist_are_to_be_taken_out(tmp_path):
    rows = [[2023, m, d, value(m, d, 0)] for m in range(1, 13) for d in range(1, 32)]
    with pytest.raises(
        DataError, match=r"'2023-02-29' is not .*; its month has no such day: take the row out"
    ):
        read(tmp_path, [["year", "month", "day", "rain"], *rows])
