"""Cells and names of a file are quoted in part: a message of 100,000 characters hides what is wrong."""

import ast
from pathlib import Path

import pytest

import lstmcli
from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

PACKAGE = Path(lstmcli.__file__).parent
LONGEST = 600  # characters of a message
# Quoted whole: what is no text of a file, or is cut already.
OWN = {"__name__", "name", "UNNAMED_TIME", "_UNNAMED", "sign", "shown", "wanted.text"}
CUT = "line if len(line) <= _LINE else line[:_LINE - 3] + '...'"


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "tables" / "read").glob("*.py")), ids=lambda path: path.stem
)
def test_no_message_quotes_a_cell_or_a_name_whole(path):
    whole = [
        ast.unparse(part.value)
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.FormattedValue) and part.conversion == ord("r")
    ]
    assert [said for said in whole if said not in OWN and said != CUT] == []


LONG = "n" * 9_000  # a name may have 10,000 characters
DAYS = [f"2024-01-{day:02d}" for day in range(1, 31)]
ROWS = [f"{day},{k * 7 % 10}" for k, day in enumerate(DAYS)]
FILES = {
    "a value": ["time,y", *ROWS, f"2024-01-31,{LONG * 10}"],
    "a time": ["time,y", *ROWS, f"{LONG * 10},3"],
    "a last cell": ["time,y", *ROWS, LONG * 10],
    "a column": [f"time,{LONG}", *ROWS, "2024-01-31,x"],
    "a column of times": [f"{LONG},y", *ROWS, "x,3"],
    "a column twice": [f"time,{LONG},{LONG}", *(f"{row},1" for row in ROWS)],
    "a series twice": ["shop,time,y", *(f"{LONG},{row}" for row in [*ROWS, *ROWS])],
    "a series with a gap": ["shop,time,y", *(f"{LONG},{row}" for row in [*ROWS[:9], *ROWS[11:]])],
    "a ragged row": ["time,y", *ROWS, f"2024-01-31,3,{LONG * 10}"],
    "a unit": ["time,y", *(f"{row} {LONG}" for row in ROWS)],
    "series alike": ["shop,time,y", *(f"{name},{row}" for name in (LONG, f"{LONG} ") for row in ROWS)],
}


@pytest.mark.parametrize("case", FILES)
def test_what_is_long_is_shown_in_part(tmp_path, case):
    path = tmp_path / "data.csv"
    path.write_text("\n".join([*FILES[case], ""]))
    try:
        table = read_table(str(path), Settings().options)
        panel_of(table, Settings())
        said = [str(note) for note in table.notes]
    except DataError as error:
        said = [str(error)]
    assert max(map(len, said), default=0) < LONGEST
