"""Times that are not read: their first cell is quoted, and rows are counted by the step that cells tell."""

import pytest

from lstmcli.errors import DataError
from lstmcli.jobs.check.told import mends_of
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.likely_steps import likely_step

SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CELLS = {
    "months of an era": ([f"XB{2 + k // 12:02}.{k % 12 + 1:02}" for k in range(40)], "1mo"),
    "months that overlap": ([f"{SHORT[k % 12]}..{SHORT[(k + 2) % 12]} 2019" for k in range(10)], "1mo"),
    "quarters by their months": (
        [f"{SHORT[3 * k % 12]}..{SHORT[(3 * k + 2) % 12]} {1990 + k // 4}" for k in range(20)],
        "1q",
    ),
    "Roman quarters": ([f"{('I', 'II', 'III', 'IV')[k % 4]} {1990 + k // 4}" for k in range(20)], "1q"),
    "decades": ([f"c. {1500 + 10 * k}" for k in range(30)], "10y"),
    "years": ([f"ca. {1960 + k}" for k in range(30)], "1y"),
    "days of an era": ([f"X{113 + k // 59}/{1 + k // 31 % 2}/{1 + k % 31}" for k in range(50)], "1d"),
    "since the start": ([f"{k // 12}:{k % 12 * 5:02}:00" for k in range(20)], "5min"),
    "minutes and seconds": ([f"{k // 12:02}:{k % 12 * 5:02}.0" for k in range(20)], "5s"),
    "in brackets": ([f"[01/Mar/2024:{k:02}:00:00 +0000]" for k in range(20)], "1h"),
    "nothing": ([f"X{k * k}" for k in range(20)], ""),
}


def read(tmp_path, header, rows, **settings):
    path = tmp_path / "data.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    made = Settings(**settings)
    return panel_of(read_table(str(path), made.options), made)


@pytest.mark.parametrize("case", CELLS)
def test_the_step_that_cells_suggest(case):
    cells, step = CELLS[case]
    assert likely_step(cells) == step


@pytest.mark.parametrize("case", CELLS)
@pytest.mark.parametrize("name", ["when", "period"])
def test_the_first_cell_is_quoted_and_the_mend_keeps_the_column_out(tmp_path, case, name):
    cells, step = CELLS[case]
    rows = [f"{cell},{k % 7}.5" for k, cell in enumerate(cells)]
    with pytest.raises(DataError) as raised:
        read(tmp_path, f"{name},y", rows)
    error, mends = raised.value, mends_of(raised.value)
    assert (error.kind, error.row, error.column) == ("not-a-time", 2, name)
    assert repr(cells[0]) in str(error)
    assert mends == (({"time": "none", "step": step},) if step else ())
    if step:
        assert read(tmp_path, f"{name},y", rows, **mends[0])[1].targets == ("y",)


@pytest.mark.parametrize(
    ("name", "apart", "step"),
    [
        ("ms", 20, "20ms"),
        ("Time (s)", 0.5, "500ms"),
        ("min", 5, "5min"),
        ("x", 0.001, "1"),
        ("decade", 10, "1"),
    ],
)
def test_numbers_that_rise_evenly_are_neither_times_nor_values(tmp_path, name, apart, step):
    rows = [f"{round(k * apart, 6)},{k % 7}.5" for k in range(30)]
    with pytest.raises(DataError, match="rises by") as raised:
        read(tmp_path, f"{name},y", rows)
    assert mends_of(raised.value) == ({"time": "none", "step": step},)
    panel, roles = read(tmp_path, f"{name},y", rows, time="none", step=step)
    assert (roles.targets, panel.observations) == (("y",), 30)


def test_numbers_that_rise_evenly_alone_are_values(tmp_path):
    assert read(tmp_path, "x", [f"{2 * k}" for k in range(30)], step="1d")[1].targets == ("x",)
