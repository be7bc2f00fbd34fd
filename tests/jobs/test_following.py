"""Rows as they arrive: each is answered with the forecast that `predict` makes of the rows so far."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, change_contract, made_model, random_module

from lstmcli.errors import DataError, UsageError
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.jobs.follow import stream
from lstmcli.jobs.follow.follower import Follower
from lstmcli.jobs.follow.stream import bursts
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions
from lstmcli.jobs.watch import ahead
from lstmcli.learning.model import export_weights
from lstmcli.network.builtin_file import BUILTIN_FILE
from lstmcli.series.calendar import DAY, HOUR, Step
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import panel_for_contract, read_table, recent, time_pattern
from lstmcli.tables.write.tables import forecast_table, text_of
from lstmcli.windows.scaling import Standardisation

HOURLY = Step("fixed", HOUR)
ROWS = 48  # more than the 12 + 7 positions that are looked at
NUMBERS = np.random.default_rng(3)
VALUES = [f"{value:.2f}" for value in 10 + NUMBERS.normal(size=ROWS).cumsum()]


@pytest.fixture(autouse=True)
def no_slack(monkeypatch):
    """Old rows are dropped at once, as they are in long streams."""
    monkeypatch.setattr(recent, "_SLACK", 1)


def model(options=None, transform="none", arch=ARCH, scaling=None, **contract):
    """Hourly; how wrong it was just before counts, so that it looks one horizon further back."""
    made = made_model()
    weights = {
        f"members.{m}.{n}": w for m in (0, 1) for n, w in export_weights(random_module(arch, m)).items()
    }
    network = replace(
        made.network,
        arch=replace(arch, members=2),
        shape=replace(made.network.shape, baselines=("last", "drift"), season=4),
        scaling=replace(made.network.scaling, transform=transform, **(scaling or {})),
        weights=weights,
        error_power=2.0,
        usual_error=1.0,
    )
    kept = {
        "step": HOURLY,
        "options": options or ReadOptions(on_gap="mask"),
        "time_pattern": "%Y-%m-%d %H:%M",
    }
    return replace(made, network=network, contract=change_contract(made.contract, **kept | contract))


def hour(number, start="2024-01-01"):
    stamp = str(np.datetime64(start, "m") + np.timedelta64(number, "h"))
    return stamp.replace("T", " ")


def answered(made, lines, burst=1, **wish):
    """The answer to each line of data, and what was said and refused; the first line is the header."""
    said, refused = [], []
    follower = Follower(
        made,
        made.contract.roles,
        ForecastOptions(**wish),
        "ndjson",
        said.append,
        lambda e: refused.append(e.kind),
    )
    answers = []
    blocks = [lines[:1], *(lines[at : at + burst] for at in range(1, len(lines), burst))]
    for block in blocks:
        answers += list(follower.answers([line.encode() for line in block]))
    return answers, said, refused


def predicted(made, lines, folder, key=(), horizon=None):
    """What `predict` says of one series of a file of these lines."""
    path = folder / "so_far.csv"
    path.write_text("\n".join([*lines, ""]))
    table, roles = read_table(str(path), made.contract.options), made.contract.roles
    panel, _ = panel_for_contract(table, roles, made.contract.step)
    of_all = forecast_panel(made.network, panel, horizon or made.network.arch.horizon)
    chosen = [s for s, name in enumerate(panel.keys) if name[: len(key)] == key]
    one = replace(
        of_all,
        keys=tuple(of_all.keys[s] for s in chosen),
        starts=of_all.starts[chosen],
        values=of_all.values[chosen],
    )
    pattern = time_pattern(table, roles.time)
    return text_of(forecast_table(one, roles.time or "step", pattern, one.quantiles, "origin"), "ndjson")


def compared(made, lines, folder, first=2, keys=None, horizon=None):
    """Holds every answer, from that to the row `first` on, to `predict` on the rows so far."""
    answers, _, refused = answered(made, lines, horizon=horizon)
    assert not refused
    assert len(answers) == len(lines) - 1
    for row in range(first, len(lines), 3):
        own = [lines[0], *(line for line in lines[1 : row + 1] if not keys or keys(line) == keys(lines[row]))]
        key = (keys(lines[row]),) if keys else ()
        assert answers[row - 1] == predicted(made, own, folder, key, horizon), row


def test_every_row_has_the_forecast_of_the_rows_so_far(tmp_path):
    compared(model(), ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(VALUES))], tmp_path)


def test_it_rolls_on_as_predict_does(tmp_path):
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(VALUES[:30]))]
    compared(model(), lines, tmp_path, first=20, horizon=17)


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_each_answer_says_whether_the_condition_holds(form):
    made, texts = model(series=("id",)), []
    follower = Follower(
        made,
        made.contract.roles,
        ForecastOptions(levels=(50,)),
        form,
        print,
        print,
        fail_on="max(forecast) > last + 1",
    )
    lines = [f"{hour(n // 2)},{'ab'[n % 2]},{float(v) * (1 + n % 2):.2f}" for n, v in enumerate(VALUES)]
    for line in ["time,id,y", *lines]:
        texts += list(follower.answers([line.encode()]))
    assert len(texts) == len(lines)
    if form == "csv":
        assert texts[0].startswith("id,origin,time,forecast,q0.25,q0.75,failed\n")
        answers = list(csv.DictReader("".join(texts).splitlines()))
        assert {row["failed"] for row in answers} == {"true", "false"}
        failed = [row["failed"] == "true" for row in answers]
    else:
        answers = [json.loads(line) for line in "".join(texts).splitlines()]
        failed = [row["failed"] for row in answers]
    for n, line in enumerate(lines):
        steps = slice(7 * n, 7 * n + 7)
        highest = max(float(row["forecast"]) for row in answers[steps])
        assert failed[steps] == [highest > float(line.split(",")[2]) + 1] * 7


def test_a_condition_goes_with_a_new_model():
    made = model()
    follower = Follower(
        made, made.contract.roles, ForecastOptions(levels=(50,)), "csv", print, print, fail_on="q0.8 > 1"
    )
    narrow = replace(made.network.arch, quantiles=(0.25, 0.5, 0.75))
    with pytest.raises(UsageError, match=r"gives quantiles from q0\.25"):
        follower.renew(replace(made, network=replace(made.network, arch=narrow)))
    follower.renew(made)


def test_logarithms_and_missing_values(tmp_path):
    values = ["NA" if n % 5 == 3 or 20 < n < 31 else str(abs(float(v)) + 1) for n, v in enumerate(VALUES)]
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(values))]
    compared(model(transform="log"), lines, tmp_path)


@pytest.mark.parametrize("policy", ["mask", "fill"])
def test_gaps_follow_the_policy(tmp_path, policy):
    kept = [n for n in range(ROWS) if n % 7 not in (2, 3) and not 25 < n < 33]
    lines = ["time,y", *(f"{hour(n)},{VALUES[n]}" for n in kept)]
    compared(model(ReadOptions(on_gap=policy)), lines, tmp_path)


@pytest.mark.parametrize("policy", ["first", "last", "mean"])
def test_repeats_and_late_rows_follow_the_policy(tmp_path, policy):
    numbers = [*range(30), 29, 29, 30, 32, 31, 33, *range(34, 40), 36, 40]
    lines = ["time,y", *(f"{hour(n)},{VALUES[at]}" for at, n in enumerate(numbers))]
    compared(model(ReadOptions(on_gap="mask", on_duplicate=policy)), lines, tmp_path, first=25)


def test_only_the_series_with_the_new_row_is_forecast(tmp_path):
    made = model(series=("id",))
    lines = [
        f"{hour(n // 3)},{('a', 'b', '007')[n % 3]},{float(v) * (n % 3 + 1):.2f}"
        for n, v in enumerate(VALUES * 2)
    ]
    compared(made, ["time,id,y", *lines], tmp_path, first=4, keys=lambda line: line.split(",")[1])


def test_every_target_of_a_wide_row_is_forecast(tmp_path):
    values = [("" if n % 4 == 1 else VALUES[n], VALUES[-n]) for n in range(ROWS)]
    lines = ["time,y,z", *(f"{hour(n)},{y},{z}" for n, (y, z) in enumerate(values))]
    made = model(targets=("y", "z"))
    answers, _, _ = answered(made, lines)
    for row in range(2, len(lines), 3):
        assert answers[row - 1] == predicted(made, lines[: row + 1], tmp_path), row


def test_covariates_and_categories_of_the_past(tmp_path):
    arch = replace(ARCH, covariates=1, static=1, past_tables=(3,))
    scaling = {
        "covariates": Standardisation((0.0,), (1.0,)),
        "spreads": (0.1,),
        "categories": (("dry", "wet"),),
    }
    made = model(arch=arch, scaling=scaling, past=("wind", "sky"), categorical=("sky",))
    skies = ("wet", "dry", "fog", "dry")
    lines = [f"{hour(n)},{n % 9},{skies[n % 7 % 4]},{v}" for n, v in enumerate(VALUES)]
    compared(made, ["time,wind,sky,y", *lines], tmp_path)
    _, said, _ = answered(made, ["time,wind,sky,y", *lines])
    first = next(text for text in said if "[unseen-category]" in text)
    assert first.startswith("warning: 2024-01-01 02:00:00: ")


def test_a_clock_that_is_set_back_shows_an_hour_twice(tmp_path):
    made = model(
        ReadOptions(on_gap="error", timezone="Europe/Berlin"), time_pattern="%Y-%m-%d %H:%M%z @Europe/Berlin"
    )
    numbers = [n if n < 27 else n - 1 for n in range(40)]  # 02:00 of 27 October is shown twice
    lines = ["time,y", *(f"{hour(n, '2024-10-26')},{VALUES[at]}" for at, n in enumerate(numbers))]
    compared(made, lines, tmp_path, first=3)


def test_local_dates_with_a_decimal_comma_keep_their_order(tmp_path):
    made = model(step=Step("fixed", DAY), time_pattern="%d/%m/%Y")
    days = np.datetime64("2024-01-25") + np.arange(25).astype("timedelta64[D]")
    lines = [f"{d.item():%d/%m/%Y};{v.replace('.', ',')}" for d, v in zip(days, VALUES, strict=False)]
    compared(made, ["time;y", *lines], tmp_path, first=3)


def test_rows_without_times_are_counted(tmp_path):
    made = model(ReadOptions(step="1h"), time="", step=replace(HOURLY, dated=False), time_pattern=None)
    compared(made, ["y", *VALUES[:40]], tmp_path)


def test_plain_steps_are_not_taken_for_years(tmp_path):
    made = model(step=Step("plain", 1), time_pattern=None)
    answers, _, _ = answered(made, ["time,y", *(f"{n},{v}" for n, v in enumerate(VALUES[:20], 1990))])
    assert '"origin": 2009, "time": 2010' in answers[-1]


def test_a_bin_is_answered_when_it_is_complete(tmp_path):
    options = ReadOptions(resample="4h=mean")
    made = model(options, step=Step("fixed", 4 * HOUR))
    lines = ["time,y", *(f"{hour(n)},{VALUES[n % ROWS]}" for n in range(160))]
    answers, _, _ = answered(made, lines)
    ends = [n for n in range(7, 160) if n % 4 == 3]
    assert len(answers) in (len(ends), len(ends) + 1)
    for n, answer in list(zip(ends[::-1], answers[::-1], strict=False))[:30:3]:
        assert answer == predicted(made, lines[: n + 2], tmp_path)


def test_a_burst_gives_what_single_rows_give():
    lines = ["time,id,y", *(f"{hour(n // 2)},{'ab'[n % 2]},{v}" for n, v in enumerate(VALUES * 2))]
    made = model(series=("id",))
    alone, _, _ = answered(made, lines)
    assert answered(made, lines, burst=17)[0] == alone
    assert answered(made, lines, burst=1000)[0] == alone


# What is refused, and what is said


def test_a_bad_row_is_left_out_wherever_it_stands():
    bad = {"oops": "ragged", "x,3": "not-a-time", f"{hour(7)},abc": "not-a-number", ",4": "missing-time"}
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(VALUES))]
    clean, _, _ = answered(model(), lines)
    for at, row in enumerate(bad, 3):
        lines.insert(5 * at, row)
    for burst in (1, 13, 1000):
        answers, _, refused = answered(model(), lines, burst)
        assert refused == list(bad.values())
        assert answers == clean


def test_a_complaint_names_the_line():
    refused = []
    follower = Follower(model(), model().contract.roles, ForecastOptions(), "csv", print, refused.append)
    list(follower.answers([b"time,y", f"{hour(0)},1".encode(), f"{hour(1)},one".encode(), b"gr\xfc\xdf,3"]))
    list(follower.answers([b"", f"{hour(1)}".encode()]))
    assert [str(error) for error in refused] == [
        "standard input:3:y: 'one' is not a number; where it stands for a missing value: --set missing=one",
        "standard input:4: not UTF-8 text; name the encoding, as --set encoding=latin-1 (reads 'grüß')",
        "standard input:6: the row has 1 cell, the header 2",
    ]


def test_a_value_without_a_logarithm_does_not_enter_the_history():
    values = [str(abs(float(v)) + 1) for v in VALUES]
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(values))]
    lines.insert(20, f"{hour(19)},-4")
    answers, _, refused = answered(model(transform="log"), lines)
    assert refused == ["not-positive"]
    assert len(answers) == ROWS


def test_a_gap_is_said_and_a_long_one_starts_the_history_anew():
    numbers = [*range(20), 22, 23, *range(60, 70)]
    lines = ["time,y", *(f"{hour(n)},{VALUES[at]}" for at, n in enumerate(numbers))]
    answers, said, _ = answered(model(), lines)
    assert len(answers) == len(numbers)
    gaps = [text for text in said if "[gap]" in text]
    assert gaps == [
        "note: standard input:22:time: gap in time: 2 times missing after 2024-01-01 19:00:00; "
        "left missing [gap]",
        "note: standard input:24:time: gap in time: 36 times missing after 2024-01-01 23:00:00; its history "
        "starts anew [gap]",
    ]
    anew, _, _ = answered(model(), ["time,y", *lines[23:]])
    assert answers[22:] == anew


OFFICE = Step("open", HOUR, slots="9-15 33-39 57-63 81-87 105-111")
OFFICE_HOURS = [24 * day + hour for day in range(10) if day % 7 < 5 for hour in range(9, 16)]  # from a Monday


def test_open_times_follow_one_another(tmp_path):
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in zip(OFFICE_HOURS, VALUES, strict=False))]
    made = model(ReadOptions(), step=OFFICE)
    compared(made, lines, tmp_path, first=20)
    _, said, refused = answered(made, lines)
    assert not refused
    assert not [text for text in said if "gap" in text]


def test_a_row_at_a_closed_time_changes_nothing(tmp_path):
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in zip(OFFICE_HOURS, VALUES, strict=False))]
    made = model(ReadOptions(), step=OFFICE)
    answers, _, _ = answered(made, lines)
    stray = [*lines[:36], f"{hour(24 * 5 + 12)},99", *lines[36:]]
    again, said, refused = answered(made, stray)
    assert (again, refused) == (answers, [])
    assert "note: standard input:37:time: 1 row at a closed time left out (2024-01-06 12:00:00)" in said
    first, _, _ = answered(made, [lines[0], f"{hour(3)},99", *lines[1:]])
    assert first == answers
    assert predicted(made, stray, tmp_path) == answers[-1]


def test_a_missing_open_time_is_a_gap(tmp_path):
    kept = [n for at, n in enumerate(OFFICE_HOURS) if at not in (22, 23, 36)]
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in zip(kept, VALUES, strict=False))]
    made = model(step=OFFICE)
    compared(made, lines, tmp_path, first=20)
    _, said, _ = answered(made, lines)
    gaps = [text.split("time: ", 1)[1] for text in said if "[gap]" in text]
    assert gaps == [
        "gap in time: 2 times missing after 2024-01-04 09:00:00; left missing [gap]",
        "gap in time: 1 time missing after 2024-01-08 09:00:00; left missing [gap]",
    ]


def test_a_gap_of_a_public_holiday_does_not_start_anew(tmp_path):
    pytest.importorskip("holidays")
    rows = [n for n in OFFICE_HOURS if n // 24 not in (2, 8)]  # of a week from Monday, 2024-04-29
    lines = ["time,y", *(f"{hour(n, '2024-04-29')},{v}" for n, v in zip(rows, VALUES, strict=False))]
    made = model(ReadOptions(holidays="DE"), step=OFFICE)
    answers, said, _ = answered(made, lines)
    gaps = [text.split("time: ", 1)[1] for text in said if "[gap]" in text]
    assert gaps == [
        "gap in time: 7 times missing after 2024-04-30 15:00:00; left missing [gap]",
        "gap in time: 7 times missing after 2024-05-06 15:00:00; its history starts anew [gap]",
    ]
    assert answers[30] == predicted(made, lines[:32], tmp_path)


def test_under_the_policy_error_every_gap_starts_anew():
    numbers = [*range(20), *range(22, 30)]
    lines = ["time,y", *(f"{hour(n)},{VALUES[at]}" for at, n in enumerate(numbers))]
    answers, said, _ = answered(model(ReadOptions()), lines)
    assert any("starts anew" in text for text in said)
    assert answers[20:] == answered(model(ReadOptions()), ["time,y", *lines[21:]])[0]


def test_repeats_and_old_rows_are_refused_unless_a_policy_says_so():
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(VALUES)), f"{hour(40)},1", f"{hour(3)},1"]
    answers, _, refused = answered(model(), lines)
    assert refused == ["duplicate-time", "late-row"]
    assert len(answers) == ROWS


def test_a_row_far_ahead_is_refused_and_changes_nothing(monkeypatch):
    monkeypatch.setattr(ahead, "_now", lambda: np.datetime64("2024-02-01", "us"))
    rows = [f"{hour(n)},{v}" for n, v in enumerate(VALUES)]
    whole = answered(model(), ["time,y", *rows])[0]
    lines = ["time,y", *rows[:30], "9999-12-31 23:00:00,1", f"{hour(8784)},1", *rows[30:]]
    answers, _, refused = answered(model(), lines)
    assert (answers, refused) == (whole, ["far-ahead", "far-ahead"])
    before = answered(model(), ["time,y", *rows, f"{hour(600)},1"])[2]  # the clock is behind it: an outage
    assert before == []


@pytest.mark.parametrize("shown", ["1970-01-01", "2100-01-01"])
def test_a_clock_that_jumps_throws_no_row_away(monkeypatch, shown):
    """It stands wrong for some rows, an outage of more than 1,024 steps among them, or for all of them."""
    rows = [f"{hour(n + 1100 * (n >= 40))},{v}" for n, v in enumerate(VALUES)]
    right = np.datetime64("2024-03-01", "us")
    monkeypatch.setattr(ahead, "_now", lambda: right)
    whole = answered(model(), ["time,y", *rows])
    clock = iter([right] * 10 + [np.datetime64(shown, "us")] * 35)
    monkeypatch.setattr(ahead, "_now", lambda: next(clock, right))
    assert answered(model(), ["time,y", *rows]) == whole
    assert (len(whole[0]), whole[2]) == (len(rows), [])
    monkeypatch.setattr(ahead, "_now", lambda: np.datetime64(shown, "us"))
    assert len(answered(model(), ["time,y", *rows[:40]])[0]) == 40


def test_the_same_warning_is_not_said_twice_in_a_row():
    values = [*VALUES[:20], "5000", *VALUES[20:45]]
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(values))]
    _, said, _ = answered(model(), lines)
    assert len([text for text in said if "out-of-range" in text]) == 1
    answers, _, refused = answered(model(), lines, refused=frozenset(["out-of-range"]))
    assert refused == ["out-of-range"] * 12  # as long as the forecast looks at it
    assert len(answers) == len(values) - 12


def test_new_series_are_told_once_or_refused_always():
    from lstmcli.model_file.contract import fingerprints

    made = model(series=("id",), known_series=fingerprints([("a",)]))
    lines = ["time,id,y", *(f"{hour(n // 2)},{'ab'[n % 2]},{v}" for n, v in enumerate(VALUES))]
    _, said, _ = answered(made, lines)
    assert len([text for text in said if "[new-series]" in text]) == 1
    answers, _, refused = answered(made, lines, refused=frozenset(["new-series"]))
    assert (len(answers), refused) == (ROWS // 2, ["new-series"] * (ROWS // 2))


# Headers, histories, models


def test_a_header_may_come_again_and_name_other_columns():
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(VALUES))]
    clean, _, _ = answered(model(), lines)
    turned = [*lines[:20], "y,time,more", *(f"{v},{hour(n)},0" for n, v in enumerate(VALUES) if n >= 19)]
    for burst in (1, 1000):
        assert answered(model(), turned, burst)[0] == clean


def test_a_stream_without_header_is_refused_with_a_hint():
    with pytest.raises(DataError, match="--history FILE") as caught:
        answered(model(), [f"{hour(0)},1", f"{hour(1)},1"])
    assert caught.value.kind == "no-header"
    with pytest.raises(DataError, match="no column 'y'"):
        answered(model(), ["time,z", f"{hour(1)},1"])


def test_rows_of_a_model_without_header_start_at_once():
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(VALUES))]
    clean, _, _ = answered(model(), lines)
    made = model(ReadOptions(header=False, on_gap="mask"), time="1", targets=("2",))
    answers, _, _ = answered(made, lines[1:])
    assert [answer.replace('"1"', '"time"') for answer in answers] == clean


def test_a_history_gives_the_columns_and_the_past(tmp_path):
    lines = ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(VALUES))]
    clean, _, _ = answered(model(), lines)
    (tmp_path / "h.csv").write_text("\n".join(lines[:31]))
    made = model()
    follower = Follower(made, made.contract.roles, ForecastOptions(), "ndjson", print, pytest.fail)
    follower.seed(read_table(str(tmp_path / "h.csv"), made.contract.options))
    answers = list(follower.answers([line.encode() for line in lines[25:]]))
    assert answers == clean[29:]  # the newest row of the history has an answer too
    assert follower.known_already == 5


def test_another_model_takes_over_with_the_same_history():
    lines = [line.encode() for line in ["time,y", *(f"{hour(n)},{v}" for n, v in enumerate(VALUES))]]
    made = model()
    other = replace(made, network=replace(made.network, error_power=0.0, widths=(3.0, 1.0, 3.0)))
    follower = Follower(made, made.contract.roles, ForecastOptions(), "ndjson", print, pytest.fail)
    answers = list(follower.answers(lines[:30]))
    follower.renew(other)
    answers += list(follower.answers(lines[30:]))
    text = [line.decode() for line in lines]
    assert answers == answered(made, text)[0][:29] + answered(other, text)[0][29:]
    with pytest.raises(DataError, match="other columns"):
        follower.renew(replace(made, contract=replace(made.contract, step=Step("fixed", DAY))))


# Bounds


def test_the_rows_that_are_kept_are_bounded(monkeypatch):
    monkeypatch.setattr(recent, "MOST_SERIES", 5)
    made = model(ReadOptions(on_gap="mask", on_duplicate="last"), series=("id",))
    follower = Follower(made, made.contract.roles, ForecastOptions(), "csv", lambda _: None, pytest.fail)
    lines = ["time,id,y", *(f"{hour(n)},a,{VALUES[n % ROWS]}" for n in range(90))]
    lines += [f"{hour(89)},a,{n}" for n in range(90)]  # one time again and again
    lines += [f"{hour(90 + n)},a," for n in range(90)]  # nothing but missing values
    lines += [f"{hour(400)},s{n},1" for n in range(20)]
    list(follower.answers([lines[0].encode()]))
    for line in lines[1:]:
        list(follower.answers([line.encode()]))
        kept = follower._recent._rows
        assert max((len(rows.times) for rows in kept.values()), default=0) <= 4 * 19 + 1
    assert list(kept) == [(f"s{n}",) for n in range(15, 20)]


def test_lines_are_given_when_they_are_whole(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"a\nbcd\n\nefghijk\nlast")
    with path.open("rb") as file:
        blocks = list(bursts(file.fileno(), at_once=5, longest=20))
    assert [line for block in blocks for line in block] == [b"a", b"bcd", b"", b"efghijk", b"last"]


def test_of_a_long_line_no_more_is_kept_than_shows_that_it_is_one(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"a\n" + b"x" * 5000 + b"\nlast\n" + b"y" * 100)
    with path.open("rb") as file:
        lines = [line for block in bursts(file.fileno(), at_once=5, longest=20) for line in block]
    assert [lines[0], lines[2]] == [b"a", b"last"]
    assert all(20 < len(line) <= 25 for line in (lines[1], lines[3]))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"2024-03-01\r,5", "the row holds a carriage return that does not end it"),
        (b"2024-03-01," + b"5" * 2**21, "a line of more than 1,048,576 bytes"),
        (b"2024-03-01," + b"x" * 200_000, "is not a number"),
    ],
)
def test_rows_that_no_reader_takes_are_told_and_skipped(row, said):
    refused = []
    made = model(ReadOptions(on_gap="mask"))
    follower = Follower(made, made.contract.roles, ForecastOptions(), "csv", lambda _: None, refused.append)
    lines = [b"time,y", *(f"{hour(n)},{VALUES[n % ROWS]}".encode() for n in range(30))]
    before = list(follower.answers(lines))
    assert not list(follower.answers([row]))
    assert [error.row for error in refused] == [32]
    assert said in str(refused[0])
    assert list(follower.answers([f"{hour(30)},1".encode()]))
    assert before


def test_gaps_of_a_history_are_left_missing_as_those_of_the_stream(tmp_path):
    lines = [f"{hour(n)},{5 + n % 24}" for n in range(200) if n not in (100, 101)]
    (tmp_path / "h.csv").write_text("\n".join(["time,y", *lines, ""]))
    options = PredictOptions(data=("-",), model=BUILTIN_FILE, history=tmp_path / "h.csv")
    panel = stream._builtin(options)[1].panel
    assert np.flatnonzero(np.isnan(panel.values)).tolist() == [100, 101]
    with pytest.raises(DataError, match="2 times missing") as refused:
        stream._builtin(replace(options, settings=Settings(on_gap="error")))
    assert refused.value.kind == "gap"
