"""Zeros of days and hours at which a shop is closed: told with what leaves them out."""

import numpy as np
import pytest

from lstmcli.jobs.builtin import open_builtin
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table

DAYS = (
    "zeros at all days but Mon-Sat (6 of 7 days), as where a shop is closed; "
    "they disturb the forecast of open days: "
)


def sales(days=210, holidays=6, seed=0):
    """Daily sales from a Monday, none on Sundays and on some holidays."""
    random = np.random.default_rng(seed)
    values = random.integers(20, 90, days)
    values[6::7] = 0
    values[random.choice(np.flatnonzero(values), holidays, replace=False)] = 0
    return values


def write(path, values, unit="D", more=None):
    times = np.datetime64("2024-01-01", unit) + np.arange(len(values))
    cells = zip(times.astype(str), values, *([] if more is None else [more]), strict=True)
    head = "time,sold" + ("" if more is None else ",promo")
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in cells)]) + "\n")
    return str(path)


def notes_of(path, **settings):
    chosen = Settings(**settings)
    return panel_of(read_table([path], chosen.options), chosen)[1].notes


def told(notes):
    return [note for note in notes if note.startswith("zeros at all")]


def test_zeros_of_sundays_are_told_with_a_mend_that_works(tmp_path):
    path = write(tmp_path / "t.csv", sales())
    said = [f"{DAYS}--set missing=0 forecasts open days alone"]
    assert told(notes_of(path)) == said
    assert told(open_builtin([path])[1].notes) == said  # which reads without pandas
    cached = panel_for_training([path], Settings(), Cache(tmp_path / "c", lambda *words: None))
    assert told(cached[2].notes) == said
    mended = notes_of(path, missing=["0"])
    assert told(mended) == []
    assert any(note.startswith("open days: Mon-Sat (6 of 7 days)") for note in mended)
    assert told(notes_of(path, open="always")) == []


def test_zeros_of_hours_at_night_are_told(tmp_path):
    hours = np.arange(24 * 35)
    open_hours = (hours % 24 >= 9) & (hours % 24 < 17)
    path = write(tmp_path / "t.csv", np.where(open_hours, 5 + hours % 7, 0), "h")
    (said,) = told(notes_of(path))
    assert said.startswith("zeros at all times but every day 09:00 to 16:00 (56 of 168 hours), as where")


def test_where_zeros_mean_something_elsewhere_rows_are_to_be_left_out(tmp_path):
    path = write(tmp_path / "t.csv", sales(), more=np.arange(210) % 2)
    (said,) = told(notes_of(path, future=["promo"]))
    assert said == f"{DAYS}leave the rows of closed days out"


@pytest.mark.parametrize("kind", ["none", "rare", "often", "now and then"])
def test_other_zeros_are_not_taken_for_closed_days(tmp_path, kind):
    random = np.random.default_rng(1)
    values = random.integers(20, 90, 210)
    if kind == "rare":
        values[6:70:7] = 0  # the Sundays of the beginning alone
    elif kind == "often":
        values[random.random(210) < 0.4] = 0
    elif kind == "now and then":
        values = sales(holidays=30)  # more than holidays
    path = write(tmp_path / "t.csv", values)
    assert told(notes_of(path)) == told(open_builtin([path])[1].notes) == []
