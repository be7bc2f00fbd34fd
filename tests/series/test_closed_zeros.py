"""Zeros of days and hours at which a shop is closed: left out, and forecast as 0."""

import numpy as np
import pytest

from lstmcli.forecasting.closed import among_closed, panel_of_rows, starts_of_rows, steps_within
from lstmcli.jobs.builtin import open_builtin
from lstmcli.series.calendar import DAY, HOUR, Step
from lstmcli.series.closed_zeros import ClosedZeros
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_for_contract, panel_of, read_table
from lstmcli.tables.read.panels import roles_of

DAYS = "zeros at all days but Mon-Sat (6 of 7 days): closed days are expected to be 0"
LEFT = ", 30 rows left out of the history"
KEEP = f"{LEFT} (--set open=always takes them as open)"
SIX_DAYS = Step("open", DAY, slots="0-5", zeros=True)


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


def read(path, **settings):
    chosen = Settings(**settings)
    return panel_of(read_table([path], chosen.options), chosen)


def test_zeros_of_sundays_are_left_out_and_said(tmp_path):
    path = write(tmp_path / "t.csv", sales())
    panel, roles = read(path)
    assert told(roles.notes) == [DAYS + KEEP]
    assert told(open_builtin([path])[1].notes) == [DAYS + KEEP]  # which reads small files without pandas
    cached = panel_for_training([path], Settings(), Cache(tmp_path / "c", lambda *words: None))
    assert told(cached[2].notes) == [DAYS + KEEP]
    assert panel.step == cached[1].step == SIX_DAYS
    assert (
        panel.values.tolist() == cached[1].values.tolist() == [v for k, v in enumerate(sales()) if k % 7 < 6]
    )
    assert panel.closed.tolist() == cached[1].closed.tolist() == [1]  # the Sunday at the end
    whole, kept = read(path, open="always")
    assert told(kept.notes) == [] and whole.step == Step("fixed", DAY)
    assert panel_of_rows(panel).values.tolist() == whole.values.tolist() == sales().tolist()


def test_series_that_end_on_different_days_each_go_on_from_their_own(tmp_path):
    """A step of one model serves all: those that end on a Sunday go on from it."""
    lines = ["time,shop,sold"]
    for shop, end in (("a", 210), ("b", 209), ("c", 205)):
        days = np.datetime64("2024-01-01") + np.arange(end)
        lines += [f"{day},{shop},{value}" for day, value in zip(days, sales()[:end], strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    panel, _ = read(str(tmp_path / "t.csv"))
    assert panel.closed.tolist() == [1, 0, 0]
    assert starts_of_rows(panel).astype("M8[D]").astype(str).tolist() == [
        "2024-07-29",
        "2024-07-28",
        "2024-07-24",
    ]
    assert steps_within(panel, 5) == 5 and steps_within(panel, 7) == 6
    steps = np.arange(1, 7.0)
    made = among_closed(np.tile(steps[:, None], (3, 1, 1)), panel, 7)[:, :, 0]
    assert made.tolist() == [[1, 2, 3, 4, 5, 6, 0], [0, 1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 0, 5, 6]]


def hours(weeks=5, first=9, last=17, value=lambda hour: 5 + hour % 7):
    hour = np.arange(24 * 7 * weeks)
    return np.where((hour % 24 >= first) & (hour % 24 < last), value(hour), 0)


def test_zeros_of_hours_at_night_are_left_out(tmp_path):
    path = write(tmp_path / "t.csv", hours(), "h")
    panel, roles = read(path)
    (said,) = told(roles.notes)
    assert said.startswith("zeros at all times but every day 09:00 to 16:00 (56 of 168 hours): closed times")
    assert panel.observations == 5 * 56 and panel.closed.tolist() == [7]


def test_covariates_of_closed_days_are_left_out_with_them(tmp_path):
    path = write(tmp_path / "t.csv", sales(), more=np.arange(210) % 2)
    panel, roles = read(path, future=["promo"])
    assert told(roles.notes) == [DAYS + KEEP]
    assert panel.future[:, 0].tolist() == [k % 2 for k in range(210) if k % 7 < 6]


@pytest.mark.parametrize("kind", ["none", "rare", "often", "now and then"])
def test_other_zeros_are_not_taken_for_closed_days(tmp_path, kind):
    random = np.random.default_rng(1)
    values = random.integers(20, 90, 210)
    if kind == "rare":
        values[6:70:7] = 0  # the Sundays of the beginning alone
    elif kind == "often":
        values[random.random(210) < 0.4] = 0
    elif kind == "now and then":
        values = sales(holidays=60)  # more than holidays
    path = write(tmp_path / "t.csv", values)
    assert told(read(path)[1].notes) == told(open_builtin([path])[1].notes) == []
    assert read(path)[0].step == Step("fixed", DAY)


@pytest.mark.parametrize("latitude", [0, 40, 55])
@pytest.mark.parametrize(("month", "days"), [(0, 22), (2, 35), (5, 22), (8, 90), (0, 365)])
@pytest.mark.parametrize("minutes", [15, 60])
def test_nights_of_sunlight_are_not_closed(latitude, month, days, minutes):
    """Sines of the height of the sun, cut at the horizon, under clouds: hours that move are kept."""
    random = np.random.default_rng(days)
    per_day = 1440 // minutes
    minute = month * 43_800 + np.arange(days * per_day) * minutes + minutes / 2
    tilt = np.radians(-23.44) * np.cos(2 * np.pi * (minute / 1440 + 10) / 365.25)
    turn, north = np.cos(2 * np.pi * (minute / 1440 - 0.5)), np.radians(latitude)
    height = np.sin(north) * np.sin(tilt) + np.cos(north) * np.cos(tilt) * turn
    power = np.round(np.maximum(height, 0) * np.repeat(random.uniform(0.2, 1, days), per_day), 2)
    times = np.datetime64("2023-01-01", "us") + np.int64(minutes * 60_000_000) * np.arange(len(power))
    counted = ClosedZeros(Step("fixed", minutes * 60_000_000))
    counted.add(times, np.array([0, len(times)]), [power])
    assert counted.found().step is None


def test_days_that_have_values_again_are_open(tmp_path):
    values = sales(2100)
    values[[6, 13]] = 40  # long ago: seldom enough
    values[-1] = 30  # one Sunday may be a feast
    path = write(tmp_path / "t.csv", values)
    panel, roles = read(path)
    assert told(roles.notes) == [DAYS + KEEP.replace("30", "300")]
    said = "3 values other than 0 at closed days left out of the history (the first: 40 at 2024-01-07)"
    assert said in roles.notes
    values[-8] = 25
    panel, roles = read(write(tmp_path / "t.csv", values))
    (said,) = told(roles.notes)
    late = "but in the last four weeks these have values: they are forecast as open"
    assert said == f"{DAYS.partition(':')[0]}, {late}"
    assert panel.step == Step("fixed", DAY) and panel.values.tolist() == values.tolist()


def test_a_model_tells_days_that_are_open_now_and_forecasts_no_zero(tmp_path):
    values = sales()
    values[-8], values[-1] = 25, 30
    table = read_table([write(tmp_path / "t.csv", values)], Settings().options)
    roles = roles_of(table, Settings())
    panel, notes = panel_for_contract(table, roles, SIX_DAYS)
    assert panel.step == Step("open", DAY, slots="0-5") and not panel.step.zeros
    assert notes[-1] == (
        "2 values other than 0 outside Mon-Sat (6 of 7 days), where training saw zeros (the first: 25 at "
        "2024-07-21): such days are open now, and left out until lstmcli train learns them"
    )
    values[-8] = 0
    table = read_table([write(tmp_path / "t.csv", values)], Settings().options)
    panel, notes = panel_for_contract(table, roles, SIX_DAYS)
    assert panel.step == SIX_DAYS
    said = "1 value other than 0 at closed days left out of the history (the first: 30 at 2024-07-28)"
    assert notes[-2:] == (DAYS + LEFT, said)


def test_a_model_reads_on_where_some_of_many_closed_hours_are_open_now(tmp_path):
    values = hours()
    values[[-2, -26, -170]] = 9  # 22:00 of days that are closed from 17:00 to 09:00
    table = read_table([write(tmp_path / "t.csv", values, "h")], Settings().options)
    step = Step("open", HOUR, slots=" ".join(f"{24 * d + 9}-{24 * d + 16}" for d in range(7)), zeros=True)
    panel, notes = panel_for_contract(table, roles_of(table, Settings()), step)
    assert not panel.step.zeros and panel.observations == 5 * 56
    assert [note for note in notes if "at closed times left out" in note] == []
    assert "such times are open now, and left out until" in notes[-1]


def test_zeros_on_public_holidays_are_told_where_their_country_is_named(tmp_path):
    pytest.importorskip("holidays")
    values = sales(holidays=0)
    free = ["2024-01-01", "2024-03-29", "2024-04-01", "2024-05-01", "2024-05-09", "2024-05-20"]
    values[(np.array(free, "M8[D]") - np.datetime64("2024-01-01")).astype(int)] = 0
    path = write(tmp_path / "t.csv", values)
    said = (
        "6 zeros on public holidays of DE count as those of open times; --set missing=0 leaves all zeros out"
    )
    assert read(path, holidays="DE")[1].notes[-2:] == (DAYS + KEEP, said)
    assert said not in read(path)[1].notes
    assert not [n for n in read(write(tmp_path / "t.csv", sales()), holidays="DE")[1].notes if "public" in n]
