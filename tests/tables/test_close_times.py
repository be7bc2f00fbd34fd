"""Times of days whose dates may have the month or the day first, told by how they follow one another."""

import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table

HOURS = pd.date_range("2024-01-01", "2024-01-10 23:00", freq="h")


def written(path, cells):
    path.write_text("\n".join(["time,y", *(f"{cell},{k % 24}" for k, cell in enumerate(cells))]))
    return str(path)


def read(tmp_path, cells, **settings):
    chosen = Settings(**settings)
    return panel_of(read_table(written(tmp_path / "t.csv", cells), chosen.options), chosen)


@pytest.mark.parametrize(
    ("cells", "first", "other"),
    [
        ([f"{t:%d.%m.%Y %H:%M}" for t in HOURS], "day", "false"),
        ([f"{t:%d.%m.%Y %H:%M} - {t + pd.Timedelta('1h'):%d.%m.%Y %H:%M}" for t in HOURS], "day", "false"),
        ([f"{t:%d/%m/%Y %H:%M}" for t in HOURS][::-1], "day", "false"),
        ([f"{t:%m/%d/%Y %H:%M}" for t in HOURS], "month", "true"),
    ],
)
def test_hours_that_rise_evenly_one_way_only_are_read_so(tmp_path, cells, first, other):
    panel, roles = read(tmp_path, cells)
    assert (str(panel.step), str(panel.starts[0])[:10], len(panel.history(0))) == ("hour", "2024-01-01", 240)
    said = f"dates are read {first} first: only so the times follow one another"
    assert f"{said} (--set day_first={other} otherwise)" in roles.notes


def test_a_cache_reads_them_alike(tmp_path):
    source = written(tmp_path / "t.csv", [f"{t:%d.%m.%Y %H:%M}" for t in HOURS])
    panel = panel_for_training([source], Settings(), Cache(tmp_path / "cache", lambda *words: None))[1]
    assert (str(panel.step), str(panel.starts[0])[:10]) == ("hour", "2024-01-01")


@pytest.mark.parametrize(
    "cells",
    [
        [f"{t:%d.%m.%Y}" for t in HOURS[::24]],
        [f"{t:%d.%m.%Y %H:%M}" for t in HOURS[::24]],
        ["05.06.2024 01:00", "05.06.2024 02:00", "05.06.2024 03:00"],
    ],
)
def test_days_and_hours_of_one_day_stay_refused(tmp_path, cells):
    with pytest.raises(DataError) as error:
        read(tmp_path, cells)
    assert error.value.kind == "ambiguous-date"
