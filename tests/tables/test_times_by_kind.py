"""Years, quarters and months in one column, and times that stand once for the rows below: refused, with a
command that works."""

import subprocess
from datetime import date, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

MONTHS = [(2015 + k // 12, k % 12 + 1) for k in range(40)]
NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
SUM = sum(range(40)) + 20  # of the months
YEARS = ["2015", "2016", "2017"]
QUARTERS = [f"{year} Q{q}" for year in YEARS for q in (1, 2, 3, 4)]
TITLES = [
    "Title,Sales",
    "CDID,J5EK",
    "Source,DRSI",
    "PreUnit,",
    "Unit,Index",
    "Release,x",
    "Next,y",
    "Notes,",
]
CASES = {
    "a file of the ONS": [
        *TITLES,
        *(f'"{time}",1' for time in (*YEARS, *QUARTERS)),
        *(f'"{y} {NAMES[m - 1]}",{k}.5' for k, (y, m) in enumerate(MONTHS)),
    ],
    "quarters before months": [
        "AREA,TIME,VALUE",
        *(f"A,{time.replace(' ', '-')},1" for time in QUARTERS),
        *(f"A,{y}-{m:02},{k}.5" for k, (y, m) in enumerate(MONTHS)),
    ],
    "months before years, in quotes": [
        '"AREA";"TIME";"VALUE"',
        *(f'"A";"{y}-{m:02}";{k}.5' for k, (y, m) in enumerate(MONTHS)),
        *(f'"A";"{time}";1' for time in YEARS),
    ],
}


def write(folder, lines):
    path = folder / "data.csv"
    path.write_text("\n".join([*lines, ""]))
    return str(path)


def mended(folder, lines, sign):
    """The panel of a file that a command of the refusal has written anew. sign: what stands before it."""
    with pytest.raises(DataError) as caught:
        panel_of(read_table(write(folder, lines)), Settings())
    command = str(caught.value).partition(sign)[2].partition(" > ")[0]
    made = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout
    return panel_of(read_table(write(folder, made.splitlines())), Settings())[0]


@pytest.mark.parametrize("lines", CASES.values(), ids=CASES)
def test_the_shortest_times_are_kept(tmp_path, lines):
    panel = mended(tmp_path, lines, "keep one kind: ")
    assert (panel.step.describe(), panel.lengths.tolist()) == ("one month", [40])
    assert panel.history(0).sum() == SUM


def test_months_beside_a_thirteenth_for_their_year(tmp_path):
    rows = [
        f"X,{year}{month:02},{month if month < 13 else 78}.5"
        for year in range(2019, 2022)
        for month in range(1, 14)
    ]
    panel = mended(tmp_path, ["MSN,YYYYMM,Value", *rows], "leave these rows out: ")
    assert (panel.step.describe(), panel.lengths.tolist()) == ("one month", [36])
    assert panel.history(0).sum() == 3 * (78 + 6)


def test_a_day_that_stands_once_for_its_hours_is_filled_down(tmp_path):
    days = [date(2024, 1, 1) + timedelta(days=k) for k in range(3)]
    rows = [f"{'' if h else day},{h:02}:00,{h}.5" for day in days for h in range(24)]
    panel = mended(tmp_path, ["Date,Time,kW", *rows], "for the rows below it: ")
    assert (panel.step.describe(), panel.lengths.tolist()) == ("one hour", [72])
    assert panel.history(0).sum() == 3 * (sum(range(24)) + 12)
