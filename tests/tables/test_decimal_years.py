"""Months and quarters as decimal years: read, written back as numbers, told."""

import numpy as np
import pytest

from lstmcli.errors import DataError
from lstmcli.series.calendar import advance
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table, time_pattern
from lstmcli.tables.write.times import format_stamps

MONTHS = [(1956 + k // 12, k % 12 + 1) for k in range(31)]  # over a leap year
CASES = {
    "as R writes months": ([f"{y + (m - 1) / 12:.3f}" for y, m in MONTHS], "one month", [1958.583, 1958.667]),
    "in full": (
        [repr(y + (m - 1) / 12) for y, m in MONTHS],
        "one month",
        [1958.583333333333, 1958.666666666667],
    ),
    "of two decimals": ([f"{y + (m - 1) / 12:.2f}" for y, m in MONTHS], "one month", [1958.58, 1958.67]),
    "the middle of months": (
        [f"{y + (m - 0.5) / 12:.4f}" for y, m in MONTHS],
        "one month",
        [1958.625, 1958.7083],
    ),
    "quarters": ([f"{1990 + k / 4:.2f}" for k in range(31)], "one quarter", [1997.75, 1998.0]),
}


def write(folder, cells, name="time"):
    path = folder / "data.csv"
    path.write_text("\n".join([f"{name},value", *(f"{c},{7 * k % 10 + 1}.5" for k, c in enumerate(cells))]))
    return str(path)


@pytest.mark.parametrize(("cells", "step", "after"), CASES.values(), ids=CASES)
def test_they_are_read_and_written(tmp_path, cells, step, after):
    settings = Settings()
    table = read_table(write(tmp_path, cells))
    panel, roles = panel_of(table, settings)
    assert (roles.time, panel.step.describe(), panel.lengths.tolist()) == ("time", step, [31])
    assert f"time stamps taken as decimal years: {float(cells[0])} is {cells[0][:4]}-01" in roles.notes
    last = advance(panel.starts[0], panel.step, 30)
    written = format_stamps(advance(last, panel.step, np.arange(1, 3)), time_pattern(table, "time"))
    assert np.asarray(written).tolist() == after


def test_weeks_of_decimal_years_and_other_decimals_are_refused(tmp_path):
    for cells in (
        [f"{1974 + k * 7 / 365:.4f}" for k in range(60)],
        [f"{1900 + 1.7 * k:.1f}" for k in range(60)],
    ):
        with pytest.raises(DataError) as caught:
            panel_of(read_table(write(tmp_path, cells)), Settings())
        assert caught.value.kind == "not-a-time"
