"""Values that lie near what their time would be as a number."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table


@pytest.mark.parametrize(
    "values",
    [
        lambda hours: [44927 + (k * 7 % 3) - 1 for k in hours],  # a stock near the days of Excel
        lambda hours: [44927 if k < 30 else 44928 for k in hours],
        lambda hours: [
            round(v, 2) for v in 44927 + np.array(hours) / 24 + 0.3 * (np.array(hours) * 7 % 3 - 1)
        ],
        lambda hours: [44927 + k // 17 for k in hours],
        lambda hours: [1_672_531_200 + 3500 * k for k in hours],  # a counter near the seconds since 1970
        lambda hours: [1_672_531_200 + 3600 * k + (k * 7919) % 3600 for k in hours],
        lambda hours: [20230101 + (k * 7 % 3) for k in hours],
    ],
)
def test_values_near_the_time_are_values(tmp_path, values):
    hours = range(72)
    rows = [
        f"{datetime(2023, 1, 1) + timedelta(hours=k)},{value},{k * 5 % 17}"
        for k, value in zip(hours, values(hours), strict=True)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["time,stock,n", *rows]))
    assert panel_of(read_table(str(tmp_path / "t.csv")), Settings())[1].targets == ("stock", "n")


@pytest.mark.parametrize("step", [0.8, 1.2])
def test_a_meter_that_rises_by_about_a_day_is_a_value(tmp_path, step):
    days = [datetime(2023, 1, 1) + timedelta(days=k) for k in range(60)]
    readings = 44927 + np.cumsum([step if k % 2 else 2 - step for k in range(60)])
    rows = [
        f"{day:%Y-%m-%d},{value:.1f},{k * 5 % 17}"
        for k, (day, value) in enumerate(zip(days, readings, strict=True))
    ]
    (tmp_path / "t.csv").write_text("\n".join(["day,meter,n", *rows]))
    assert panel_of(read_table(str(tmp_path / "t.csv")), Settings())[1].targets == ("meter", "n")
