"""Series out of order, with gaps, repeats, mixed steps; resampling; steps as text."""

import subprocess
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from warm_program import warm_program

from lstmcli.errors import DataError, SettingsError
from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, Step, format_time
from lstmcli.series.steps import bin_starts, parse_resample, parse_step
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.grid import observed_rows


@pytest.fixture
def panel(tmp_path):
    """The panel and the notes of a CSV text."""

    def make(text, **settings):
        path = tmp_path / "data.csv"
        path.write_text(text)
        chosen = Settings(**settings)
        made, roles = panel_of(read_table(str(path), chosen.options), chosen)
        return made, roles.notes

    return make


@pytest.fixture
def complaint(panel):
    def make(text, **settings):
        with pytest.raises(DataError) as caught:
            panel(text, **settings)
        error = caught.value
        return error.kind, error.row, str(error).split("data.csv:", 1)[1]

    return make


def series_of(made):
    """By series: first time and values, None where one is missing."""
    return {
        " ".join(key): (
            format_time(made.times(s, 0, 1)[0]),
            [None if np.isnan(v) else round(float(v), 6) for v in made.values[a:b]],
        )
        for s, (key, a, b) in enumerate(zip(made.keys, made.offsets[:-1], made.offsets[1:], strict=True))
    }


def lines(rows, header="time,y"):
    return "\n".join([header, *rows, ""])


def days(*numbers, name=""):
    """Rows of days of January 2024; the value is the day."""
    return [f"2024-01-{d:02},{name}{d}" for d in numbers]


# Order


def test_rows_out_of_order_are_sorted_and_said(panel):
    made, notes = panel(lines(days(3, 1, 4, 2)))
    assert series_of(made) == {"": ("2024-01-01", [1, 2, 3, 4])}
    assert notes == ("rows were not in order of time: sorted",)


def test_series_that_take_turns_are_in_order(panel):
    rows = [
        row for pair in zip(days(1, 2, 3, name="a,"), days(1, 2, 3, name="b,"), strict=True) for row in pair
    ]
    made, notes = panel(lines(rows, "time,shop,y"))
    assert series_of(made) == {"a": ("2024-01-01", [1, 2, 3]), "b": ("2024-01-01", [1, 2, 3])}
    assert notes == ()


# Gaps

GAPS = lines(
    days(1, 2, 3, 4, 5, 6, 7, 8, name="a,") + days(2, 3, 7, 8, name="b,") + days(1, 2, 4, 5, 6, name="c,"),
    "time,shop,y",
)


def test_a_gap_tells_its_place_and_the_count_per_series(complaint):
    assert complaint(GAPS) == (
        "gap",
        12,
        "12:time: series b: gap in time: expected 2024-01-04 (step: one day), found 2024-01-07; "
        "4 times missing in 2 series: b 3, c 1; "
        "--on-gap mask leaves them missing, --on-gap fill interpolates",
    )


def test_names_of_series_stay_in_their_line(complaint):
    said = complaint(GAPS.replace("b,", '"b\nlstmcli: c",'))[2]
    assert "in 2 series: b\\nlstmcli: c 3, c 1;" in said
    assert "\n" not in said


def test_masked_gaps_are_missing_values(panel):
    made, notes = panel(GAPS, on_gap="mask")
    assert series_of(made) == {
        "a": ("2024-01-01", [1, 2, 3, 4, 5, 6, 7, 8]),
        "b": ("2024-01-02", [2, 3, None, None, None, 7, 8]),
        "c": ("2024-01-01", [1, 2, None, 4, 5, 6]),
    }
    assert notes == ("gaps in time: 4 times in 2 series: b 3, c 1 left missing",)


def test_filled_gaps_lie_on_a_line(panel):
    made, notes = panel(GAPS, on_gap="fill")
    assert series_of(made)["b"] == ("2024-01-02", [2, 3, 4, 5, 6, 7, 8])
    assert series_of(made)["c"] == ("2024-01-01", [1, 2, 3, 4, 5, 6])
    assert notes == ("gaps in time: 4 times in 2 series: b 3, c 1 filled by interpolation",)


def test_filling_leaves_empty_cells_and_rows_ahead_missing(panel):
    rows = ["2024-01-01,1,5", "2024-01-02,,6", "2024-01-04,4,8", "2024-01-05,,9", "2024-01-07,,11"]
    made, _ = panel(lines(rows, "time,y,x"), target="y", future="x", on_gap="fill")
    assert series_of(made) == {"": ("2024-01-01", [1, None, 3, 4, None, None, None])}
    assert made.future[:, 0].tolist() == [5, 6, 7, 8, 9, 10, 11]
    assert made.lengths.tolist() == [4]


def test_covariates_of_masked_rows_are_those_of_the_row_before(panel):
    rows = ["2024-01-01,1,5", "2024-01-02,2,6", "2024-01-05,5,9"]
    made, _ = panel(lines(rows, "time,y,x"), target="y", past="x", on_gap="mask")
    assert made.past[:, 0].tolist() == [5, 6, 6, 6, 9]


@pytest.mark.parametrize("on_gap", ["mask", "fill"])
def test_gaps_of_many_series_agree_with_pandas(panel, on_gap):
    rng = np.random.default_rng(1)
    rows, expected = [], {}
    for s in range(12):
        index = pd.date_range("2024-01-01", periods=60, freq="h") + pd.Timedelta(hours=s)
        values = pd.Series(rng.normal(size=60).round(3), index)
        kept = values.iloc[np.sort(rng.choice(np.arange(1, 59), 45, replace=False))]
        kept = pd.concat([values[:1], kept, values[-1:]])
        rows += [f"{t},s{s},{v}" for t, v in kept.items()]
        whole = kept.reindex(index)
        whole = whole.interpolate() if on_gap == "fill" else whole
        expected[f"s{s}"] = (
            format_time(np.datetime64(index[0], "us")),
            [None if np.isnan(v) else round(v, 6) for v in whole],
        )
    rng.shuffle(rows)
    made, _ = panel(lines(rows, "time,id,y"), on_gap=on_gap)
    assert dict(sorted(series_of(made).items())) == dict(sorted(expected.items()))


def test_a_gap_over_a_leap_day(complaint, panel):
    text = lines([f"{d},1" for d in ("2024-02-27", "2024-02-28", "2024-03-01", "2024-03-02")])
    assert "expected 2024-02-29 (step: one day), found 2024-03-01" in complaint(text)[2]
    assert panel(text.replace("2024", "2023"))[0].step == Step("fixed", DAY)


def test_a_gap_in_month_ends(panel):
    text = lines(["2024-01-31,1", "2024-02-29,2", "2024-04-30,4", "2024-05-31,5"])
    made, _ = panel(text, on_gap="fill")
    assert series_of(made) == {"": ("2024-01-31", [1, 2, 3, 4, 5])}
    assert [format_time(t) for t in made.times(0, 0, 5)][2] == "2024-03-31"


def test_a_gap_in_plain_steps(panel, complaint):
    text = lines(["1,1", "2,2", "5,5", "6,6"], "step,y")
    assert complaint(text)[2].startswith("4:step: gap in time: expected 3 (step: one step), found 5; 2 times")
    assert series_of(panel(text, on_gap="fill")[0]) == {"": ("1", [1, 2, 3, 4, 5, 6])}


def business_days(holidays):
    day, rows = date(2024, 3, 18), []
    while day < date(2024, 5, 15):
        if day.weekday() < 5 and day not in holidays:
            rows.append(f"{day},{day.toordinal() % 7}.5")
        day += timedelta(days=1)
    return lines(rows)


EASTER = (date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 1))


def test_business_days_without_holidays_name_the_first(complaint):
    kind, row, said = complaint(business_days(EASTER))
    assert (kind, row) == ("gap", 11)
    assert (
        "expected 2024-03-29 (step: one business day), found 2024-04-02; 3 times missing; --on-gap mask"
        in said
    )


def test_masked_holidays_are_missing_values(panel):
    made, notes = panel(business_days(EASTER), on_gap="mask")
    whole, _ = panel(business_days(()))
    assert made.step == whole.step == Step("business day", 1)
    missing = np.flatnonzero(np.isnan(made.values))
    assert [format_time(made.times(0, int(i), 1)[0]) for i in missing] == [
        "2024-03-29",
        "2024-04-01",
        "2024-05-01",
    ]
    assert made.values[~np.isnan(made.values)].tolist() == np.delete(whole.values, missing).tolist()
    assert notes == ("gaps in time: 3 times left missing",)


def test_a_gap_of_a_wrong_year_is_not_filled_up(complaint):
    text = lines(["2024-01-01 00:00,1", "2024-01-01 01:00,2", "2024-01-01 02:00,3", "2204-01-01 03:00,4"])
    kind, row, said = complaint(text, on_gap="mask")
    assert (kind, row) == ("gap", 5)
    assert "too many to insert" in said


# Repeats

TWICE = "time,shop,y\n2024-01-01,a,1\n2024-01-01,a,4\n2024-01-02,a,2\n2024-01-03,a,\n2024-01-03,a,3\n"


def test_a_repeat_tells_its_place_and_the_count(complaint):
    kind, row, said = complaint(TWICE + "2024-01-01,b,1\n2024-01-01,b,1\n", series="shop")
    assert (kind, row) == ("duplicate-time", 3)
    assert "series a: time 2024-01-01 appears twice in one series (series are told apart by shop)" in said
    assert said.endswith(
        "3 rows repeat a time in 2 series: a 2, b 1; --on-duplicate first, last or mean takes one"
    )


def test_many_repeats_are_told_before_gaps(complaint):
    bookings = [
        f"2024-01-{day:02},{5 * day + n}" for day in (1, 2, 5, 6, 7, 9, 12, 13) for n in range(1 + day % 2)
    ]
    kind, row, said = complaint("\n".join(["time,y", *bookings, ""]))
    assert (kind, row) == ("duplicate-time", 3)
    assert "5 rows repeat a time" in said


@pytest.mark.parametrize(("how", "values"), [("first", [1, 2]), ("last", [4, 2, 3]), ("mean", [2.5, 2, 3])])
def test_one_of_several_rows_is_taken(panel, how, values):
    made, notes = panel(TWICE, series="shop", on_duplicate=how)
    assert made.history(0).tolist() == values
    assert notes == (f"2 rows repeat a time: {how} taken",)


def test_equal_rows_are_repeats_too(complaint, panel):
    text = lines(days(1, 2, 2, 3))
    assert complaint(text)[0] == "duplicate-time"
    assert panel(text, on_duplicate="first")[0].history(0).tolist() == [1, 2, 3]


def test_a_mean_takes_covariates_along(panel):
    rows = ["2024-01-01,1,10", "2024-01-02,2,20", "2024-01-02,4,40"]
    made, _ = panel(lines(rows, "time,y,x"), target="y", past="x", on_duplicate="mean")
    assert made.past[:, 0].tolist() == [10, 30]


# Off the grid


def test_jitter_is_irregular_with_advice(complaint):
    rows = [
        "2024-01-01 12:00:00,1",
        "2024-01-01 13:00:00,2",
        "2024-01-01 14:00:03,3",
        "2024-01-01 15:00:00,4",
    ]
    kind, row, said = complaint(lines([*rows, "2024-01-01 16:00:00,5"]))
    assert (kind, row) == ("irregular", 4)
    assert said == (
        "4:time: 2024-01-01 14:00:03 is not a whole number of steps (one is 1 hour) after "
        "2024-01-01 12:00:00; 1 row; --resample 1h=mean brings rows onto a grid"
    )


@pytest.mark.parametrize("on_gap", ["error", "mask"])
def test_no_policy_for_gaps_takes_jitter(complaint, on_gap):
    rows = [f"2024-01-01 {h:02}:00:0{1 if h == 5 else 0},{h}" for h in range(9)]
    assert complaint(lines(rows), on_gap=on_gap)[:2] == ("irregular", 7)


def test_a_series_of_another_step_is_told(complaint):
    rows = [f"2024-01-01 {h:02}:00,a,{h}" for h in range(9)]
    rows += [f"2024-01-01 {h:02}:30,b,{h}" for h in range(0, 8, 2)]
    kind, row, said = complaint(lines(rows, "time,id,y"), series="id")
    assert (kind, row) == ("mixed-step", 12)
    assert "series b: its step is 2 hours, that of the longest series 1 hour" in said


def test_a_first_day_off_the_step_is_irregular(complaint):
    rows = [f"2024-01-{d:02},a,1" for d in (4, 5, 8, 9, 10, 11, 12, 15)] + [
        "2024-01-06,b,1",
        "2024-01-08,b,1",
    ]
    kind, row, said = complaint(lines(rows, "time,id,y"), series="id")
    assert (kind, row) == ("irregular", 10)
    assert "2024-01-06 is no time on which the step, one business day, can fall" in said


# Steps and bins as text


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("15min", Step("fixed", 15 * MINUTE)),
        ("1h", Step("fixed", HOUR)),
        ("h", Step("fixed", HOUR)),
        ("30s", Step("fixed", 30 * SECOND)),
        ("1d", Step("fixed", DAY)),
        ("1D", Step("fixed", DAY)),
        ("1bd", Step("business day", 1)),
        ("2w", Step("fixed", 14 * DAY)),
        ("1mo", Step("month", 1, 1)),
        ("1MS", Step("month", 1, 1)),
        ("1q", Step("month", 3, 1)),
        ("1y", Step("month", 12, 1)),
        ("6 months", Step("month", 6, 1)),
        ("5", Step("plain", 5)),
    ],
)
def test_a_step_is_written_as_text(text, step):
    assert parse_step(text) == step


@pytest.mark.parametrize(
    "text", ["", "0h", "-1h", "1.5h", "1m", "1M", "1x", "h1", "1h=mean", "1e3s", "9" * 20 + "h"]
)
def test_nonsense_is_no_step(text):
    with pytest.raises(SettingsError, match="is no step"):
        parse_step(text)


def test_a_letter_for_minutes_or_months_is_told_both_ways():
    with pytest.raises(SettingsError, match="'10m' is no step; write 10min or 10mo:"):
        parse_step("10m")


@pytest.mark.parametrize("text", ["1h", "1h=", "1h=mode", "=mean", "mean", "1x=mean", "1bd=mean"])
def test_nonsense_is_no_resampling(text):
    with pytest.raises(SettingsError):
        parse_resample(text)


@pytest.mark.parametrize(
    "assignment", ["step=1x", "step=true", "resample=1h", "resample=1x=mean", "on_gap=skip"]
)
def test_nonsense_is_refused_with_the_settings(assignment):
    with pytest.raises(SettingsError, match=assignment.partition("=")[0]):
        load_settings(None, {}, (assignment,))


@pytest.mark.parametrize(
    ("text", "rule"), [("1h", "h"), ("1d", "D"), ("1w", "W-SUN"), ("1mo", "M"), ("1q", "Q"), ("1y", "Y")]
)
def test_bins_start_where_periods_of_pandas_do(text, rule):
    seconds = np.random.default_rng(0).integers(-(10**9), 2 * 10**9, 500)
    times = seconds.astype("datetime64[s]").astype("datetime64[us]")
    expected = pd.DatetimeIndex(times).to_period(rule).start_time.to_numpy()
    assert (bin_starts(times, parse_step(text)) == expected).all()


# Resampling


def quarter_hours(count, first="2024-01-01 00:00"):
    start = datetime.fromisoformat(first)
    return [f"{start + timedelta(minutes=15 * k):%Y-%m-%d %H:%M:%S},{(k * 7) % 11}" for k in range(count)]


@pytest.mark.parametrize("how", ["mean", "sum", "min", "max", "first", "last", "median"])
def test_aggregates_agree_with_pandas(panel, how):
    rows = quarter_hours(48)
    made, notes = panel(lines(rows), resample=f"1h={how}")
    frame = pd.DataFrame([r.split(",") for r in rows], columns=["time", "y"])
    expected = frame.y.astype(float).groupby(pd.to_datetime(frame.time).dt.floor("h")).agg(how)
    assert made.history(0).tolist() == expected.tolist()
    assert made.step == Step("fixed", HOUR)
    assert notes == (f"resampled to 1h={how}: 48 rows to 12",)


def test_incomplete_bins_at_the_ends_are_left_out(panel):
    made, notes = panel(lines(quarter_hours(10, "2024-01-01 00:30")), resample="1h=sum")
    assert series_of(made) == {
        "": ("2024-01-01 01:00:00", [sum((k * 7) % 11 for k in range(s, s + 4)) for s in (2, 6)])
    }
    assert notes == ("resampled to 1h=sum: 10 rows to 2; 1 incomplete at an end left out",)
    made, notes = panel(lines(quarter_hours(10)), resample="1h=sum")
    assert made.lengths.tolist() == [2]
    assert "1 incomplete" in notes[0]


def test_a_bin_without_rows_is_missing(panel):
    rows = quarter_hours(16)
    made, notes = panel(lines(rows[:4] + rows[8:]), resample="1h=mean")
    assert np.isnan(made.values).tolist() == [False, True, False, False]
    assert "gaps in time: 1 time left missing" in notes


@pytest.mark.parametrize(("how", "missing"), [("mean", False), ("sum", True)])
def test_a_sum_over_a_missing_value_is_missing(panel, how, missing):
    rows = quarter_hours(12)
    rows[5] = rows[5].partition(",")[0] + ","
    made, _ = panel(lines(rows), resample=f"1h={how}")
    assert np.isnan(made.values).tolist() == [False, missing, False]


@pytest.mark.parametrize(
    ("how", "values", "said"),
    [
        (
            "sum",
            [27, None, 29, 31],
            "1 sum left missing, as more than a tenth of the rows are; other sums",
        ),
        ("mean", [1, 1, 1, 1], "each value"),
        ("last", [1, 1, 1, 1], "each value"),
    ],
)
def test_rows_that_are_missing_within_bins_are_told(panel, how, values, said):
    """10 to 29 March, a day in February of 30 and one of April."""
    out = {date(2023, 2, 4), *(date(2023, 3, 10) + timedelta(days=k) for k in range(20)), date(2023, 4, 5)}
    days = [date(2023, 1, 31) + timedelta(days=k) for k in range(121)]
    rows = [f"{day},1" for day in days if day not in out]
    made, notes = panel(lines(rows), resample=f"1mo={how}")
    assert series_of(made) == {"": ("2023-02-01", values)}
    told = next(note for note in notes if "missing within" in note)
    assert told.startswith("missing within 3 of 4 bins: 22 rows (2023-03 20, 2023-02 1, 2023-04 1); ")
    of_rows = f"{said} {'are' if how == 'sum' else 'is'} of the rows there"
    assert f"{of_rows}; lstmcli impute --add-rows fills gaps first" in told


def test_days_alone_that_a_week_of_weekdays_lacks_are_likely_holidays(panel):
    """Christmas leaves the sum of its week, two weeks without a row in a row do not."""
    days = [date(2023, 10, 2) + timedelta(days=k) for k in range(140)]
    out = {date(2023, 12, 25), date(2023, 12, 26), *(date(2024, 1, 17) + timedelta(days=k) for k in range(7))}
    rows = [f"{day},1" for day in days if day.weekday() < 5 and day not in out]
    made, notes = panel(lines(rows), resample="1w=sum")
    wanted = [5.0] * 12 + [3] + [5] * 2 + [None] * 2 + [5] * 3
    assert series_of(made) == {"": ("2023-10-02", wanted)}
    told = next(note for note in notes if "missing within" in note)
    assert "; 2 likely on holidays, which --set holidays=US (or your country) knows; lstmcli impute" in told


@pytest.mark.parametrize("kept", ["weekdays", "open hours", "sales", "summer time", "bins"])
def test_closed_days_and_days_without_sales_are_not_missing(panel, kept):
    """Bins of which most lack many rows are those of events: their sums are of the rows there."""
    hours = [datetime(2024, 3, 4) + timedelta(hours=k) for k in range(24 * 56)]
    sold = np.random.default_rng(0).random(len(hours)) < 0.5
    chosen = {
        "weekdays": [h for h in hours if h.hour == 0 and h.weekday() < 5],
        "open hours": [h for h in hours if 8 <= h.hour < 18 and h.weekday() < 6],
        "sales": [h for h, some in zip(hours, sold, strict=True) if some],
        "summer time": [h for h in hours if h != datetime(2024, 3, 31, 2)],
        "bins": [h for h in hours if not 10 <= (h - hours[0]).days < 12],
    }[kept]
    step = {"weekdays": "1w", "summer time": "6h"}.get(kept, "1d")
    made, notes = panel(lines([f"{h:%Y-%m-%d %H:%M},1" for h in chosen]), resample=f"{step}=sum")
    told = [note for note in notes if "missing within" in note]
    assert len(told) == (kept == "sales") and not any("left missing, as" in note for note in told)
    assert np.isnan(made.values).sum() == (2 if kept == "bins" else 0)


def test_jitter_and_repeats_are_gone_after_resampling(panel):
    rows = [f"2024-01-01 {h:02}:0{h % 3}:0{h % 7},{h}" for h in range(9)]
    made, _ = panel(lines([*rows, rows[3]]), resample="1h=mean")
    assert series_of(made)[""][1][:8] == [0, 1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "step", "first", "values"),
    [
        ("1w", Step("fixed", 7 * DAY), "2024-01-01", 13),
        ("1mo", Step("month", 1, 1), "2024-01-01", 3),
        ("1q", Step("month", 3, 1), "2024-01-01", 1),
    ],
)
def test_days_become_weeks_months_quarters(panel, text, step, first, values):
    rows = [f"{date(2024, 1, 1) + timedelta(days=k)},1" for k in range(91)]  # to 31 March
    made, _ = panel(lines(rows), resample=f"{text}=sum")
    assert (made.step, format_time(made.starts[0]), int(made.lengths[0])) == (step, first, values)
    assert made.history(0).sum() == 91


def test_each_series_is_resampled_on_its_own(panel):
    rows = [f"{r},a" for r in quarter_hours(8)] + [f"{r},b" for r in quarter_hours(12, "2024-01-01 02:00")]
    made, _ = panel(lines(rows, "time,y,id"), series="id", resample="1h=max")
    assert {k: (t, len(v)) for k, (t, v) in series_of(made).items()} == {
        "a": ("2024-01-01", 2),
        "b": ("2024-01-01 02:00:00", 3),
    }


def test_rows_ahead_are_resampled_with_their_covariates(panel):
    rows = [f"{r},{k // 4}" for k, r in enumerate(quarter_hours(16))]
    rows[10:] = [f"{r.split(',')[0]},,{r.split(',')[2]}" for r in rows[10:]]
    made, _ = panel(lines(rows, "time,y,x"), target="y", future="x", resample="1h=sum")
    assert made.lengths.tolist() == [2]
    assert made.ahead(0) == 2
    assert made.future[:, 0].tolist() == [0, 1, 2, 3]


def test_rows_without_stamps_are_resampled_by_count(panel):
    made, _ = panel("y\n" + "\n".join(map(str, range(11))), step="15min", resample="1h=mean")
    assert made.step == Step("fixed", HOUR, dated=False)
    assert made.history(0).tolist() == [1.5, 5.5]
    assert made.starts.tolist() == [1]


def test_days_of_local_time_are_those_of_the_zone(panel):
    moments = pd.date_range("2024-03-29", "2024-04-03", freq="h", tz="Europe/Berlin", inclusive="left")
    rows = [f"{m:%Y-%m-%d %H:%M},1" for m in moments]
    made, _ = panel(lines(rows), timezone="Europe/Berlin", resample="1d=sum")
    assert series_of(made) == {"": ("2024-03-29", [24, 24, 23, 24, 24])}


@pytest.mark.parametrize(("text", "said"), [("1min=mean", "bins are shorter"), ("10=mean", "say the unit")])
def test_bins_that_do_not_suit_the_rows_are_refused(panel, text, said):
    with pytest.raises(SettingsError, match=said):
        panel(lines(quarter_hours(8)), resample=text)


def test_a_series_without_a_whole_bin_is_told(complaint):
    rows = [f"{r},a" for r in quarter_hours(8)] + [f"{r},b" for r in quarter_hours(3)]
    assert complaint(lines(rows, "time,y,id"), series="id", resample="1h=max")[:2] == ("short-history", 10)


# On the command line


@pytest.fixture
def lstmcli(tmp_path, environment):
    def run(*words):
        command = [warm_program(), *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


def trained(lstmcli, tmp_path, rows, *words):
    (tmp_path / "data.csv").write_text("\n".join(rows))
    done = lstmcli("train", "data.csv", "--set", "steps=5", "--set", "hidden=4", "--horizon", "2", *words)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_predict_reads_as_train_did(lstmcli, tmp_path):
    rows = ["time,y", *quarter_hours(4 * 60)]
    said = trained(lstmcli, tmp_path, rows, "--resample", "1h=mean")
    assert "resampled to 1h=mean: 240 rows to 60" in said
    done = lstmcli("predict")
    assert done.returncode == 0, done.stderr
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == [
        "time",
        "2024-01-03 12:00:00",
        "2024-01-03 13:00:00",
    ]


def test_rows_without_stamps_are_forecast_by_number(lstmcli, tmp_path):
    rows = ["y", *(str(10 + (k % 24)) for k in range(200))]
    said = trained(lstmcli, tmp_path, rows, "--step", "1h")
    assert "step 1 hour, season 24 (1 day)" in said
    done = lstmcli("predict")
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["step", "201", "202"]


def test_a_gap_at_predict_is_refused_unless_a_flag_says_otherwise(lstmcli, tmp_path):
    rows = ["time,y", *quarter_hours(100)]
    trained(lstmcli, tmp_path, rows)
    (tmp_path / "new.csv").write_text("\n".join(rows[:50] + rows[55:]))
    refused = lstmcli("predict", "new.csv")
    assert (refused.returncode, refused.stderr.strip().endswith("[gap]")) == (65, True)
    done = lstmcli("predict", "new.csv", "--on-gap", "mask")
    assert done.returncode == 0, done.stderr
    assert "note: gaps in time: 5 times left missing" in done.stderr
    (tmp_path / "twice.csv").write_text("\n".join([*rows, rows[-1]]))
    assert lstmcli("predict", "twice.csv").returncode == 65
    assert lstmcli("predict", "twice.csv", "--on-duplicate", "first").returncode == 0


# Long tables, whose texts are read as categories

LONG = [
    f"{datetime(2024, 1, 1) + timedelta(hours=k):%Y-%m-%d %H:%M},{s},{100 * k + i}"
    for i, s in enumerate(["z", "a", "é"])
    for k in range(2500)
]


def test_a_long_table_is_read_as_a_short_one(panel):
    made, notes = panel(lines(LONG, "time,id,y"))
    short, _ = panel(lines([r for k in range(3) for r in LONG[2500 * k : 2500 * k + 50]], "time,id,y"))
    assert made.keys == short.keys == (("z",), ("a",), ("é",))
    assert made.step == short.step == Step("fixed", HOUR)
    for s in range(3):
        assert made.history(s)[:50].tolist() == short.history(s).tolist()
        assert len(made.history(s)) == 2500
    assert notes == ()


def test_rows_of_a_long_table_may_stand_in_any_order(panel):
    shuffled = list(np.random.default_rng(2).permutation(LONG))
    made, notes = panel(lines(shuffled, "time,id,y"))
    assert {key: made.history(s).tolist() for s, key in enumerate(made.keys)} == {
        (name,): [100.0 * k + i for k in range(2500)] for i, name in enumerate(["z", "a", "é"])
    }
    assert notes == ("rows were not in order of time: sorted",)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (",a,1", "missing-time"),
        ("2024-01-01 00:00,,1", "missing-series"),
        ("2024-02-30 00:00,a,1", "not-a-time"),
        ("2024-01-01 00:00,a,x", "not-a-number"),
    ],
)
@pytest.mark.parametrize("place", [10, 6000])
def test_a_bad_cell_of_a_long_table_names_its_row(complaint, row, kind, place):
    rows = [*LONG[:place], row, *LONG[place:]]
    assert complaint(lines(rows, "time,id,y"), series="id", target="y")[:2] == (kind, place + 2)


@pytest.mark.parametrize("how", ["late", "everywhere"])
def test_numbers_of_several_kinds_in_a_very_long_table(complaint, how):
    """Pieces of the file are read one by one: a text in a later piece still names its row."""
    rows = [f"{k},{k % 7}" for k in range(300_000)]
    rows[290_000] = "290000,x"
    if how == "everywhere":
        rows[20] = "20,1.5"
    assert complaint(lines(rows, "step,y"), target="y")[:2] == ("not-a-number", 290_002)


def test_series_are_observed_from_their_first_value_to_their_last():
    none = np.nan
    values = np.array([none, 1, none, 2, none, none, none, 3, 0, none])
    seen = observed_rows(values, np.array([0, 5, 7, 8, 10]))
    assert seen.counts.tolist() == [2, 0, 1, 1] and seen.firsts[1] == seen.ends[1]
    held = [0, 2, 3]
    assert seen.firsts[held].tolist() == [1, 7, 8] and seen.ends[held].tolist() == [4, 8, 9]
    whole = observed_rows(values[7:9], np.array([0, 1, 2]))
    assert [part.tolist() for part in whole] == [[0, 1], [1, 2], [1, 1]]
