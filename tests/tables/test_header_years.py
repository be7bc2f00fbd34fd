"""Headers with years above months or quarters."""

import pytest

from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.header_years import years_and_parts

QUARTERS = ["Q1", "Q2", "Q3", "Q4"]


def row(*groups):
    return [cell for group in groups for cell in group]


@pytest.mark.parametrize(
    ("above", "below", "names"),
    [
        (
            row(["Shop"], ["2022", "", "", ""], ["2023", "", "", ""]),
            row([""], QUARTERS, QUARTERS),
            row(["Shop"], [f"{q} 2022" for q in QUARTERS], [f"{q} 2023" for q in QUARTERS]),
        ),
        (
            ["", "2022", "", "", "2023", "", "", "Total"],
            ["Filiale", "Mai", "Jun", "Summe 2022", "Mai", "Jun", "Summe", ""],
            ["Filiale", "Mai 2022", "Jun 2022", "Summe 2022", "Mai 2023", "Jun 2023", "2023 Summe", "Total"],
        ),
        (["a", "2022", "", "2023"], ["b", "Jan", "x", "Jan"], None),
        (["a", "2022", "note", "2023"], ["b", "Jan", "Feb", "Jan"], None),
        (["a", "2022", "2023", "2024"], ["b", "Jan", "Feb", "Mar"], None),  # a month each: a row of data
        (["a", "2022", "", "2022", ""], ["b", "Jan", "Feb", "Jan", "Feb"], None),
        (["2022", "", "2023", ""], ["Jan", "Feb", "Jan", "Feb"], None),  # no column of names
        (["a", "2022", "", ""], ["b", "Jan", "Feb", "Mar"], None),
    ],
)
def test_years_are_joined_with_their_parts(above, below, names):
    assert years_and_parts(above, below) == (None if names is None else tuple(names))


def test_rows_of_shops_below_years_and_months_are_series(tmp_path):
    months = ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
    values = [[str(10 * shop + k) for k in range(24)] for shop in (1, 2)]
    with_sums = [[*half, str(sum(map(int, half)))] for one in values for half in (one[:12], one[12:])]
    lines = [
        ["Umsatz je Filiale"],
        row(["Filiale", "2022"], [""] * 12, ["2023"], [""] * 12),
        row([""], months, ["Summe 2022"], months, ["Summe 2023"]),
        row(["A"], with_sums[0], with_sums[1]),
        row(["B"], with_sums[2], with_sums[3]),
    ]
    path = tmp_path / "shops.csv"
    path.write_text("\n".join(map(";".join, lines)) + "\n")
    table = read_table([str(path)])
    panel, _ = panel_of(table, Settings())
    assert panel.keys == (("A",), ("B",))
    assert panel.values.tolist() == [float(cell) for one in values for cell in one]
    assert "joined as 'Filiale', 'Jan 2022', 'Feb 2022', ..." in " ".join(table.notes)
