"""What predict says of data that is not like that of training, and what it refuses."""

import csv
import io
import json
import math
import subprocess
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from builders import change_contract, made_model
from warm_program import warm_program

from lstmcli.errors import DataError
from lstmcli.model_file.contract import check_contract, fingerprints
from lstmcli.series.calendar import DAY, HOUR, Step
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import panel_for_contract, read_table
from lstmcli.windows.scaling import Scaling, Standardisation

ROLES = Roles("time", (), ("y",), (), ())
DAILY, HOURLY = Step("fixed", DAY), Step("fixed", HOUR)


def panel(*histories, keys=None, past=None):
    """A panel of daily series."""
    lengths = np.array([len(h) for h in histories])
    rows = int(lengths.sum())
    return Panel(
        key_names=("id",),
        keys=tuple((k,) for k in keys or "abcdef"[: len(histories)]),
        step=DAILY,
        starts=np.array(["2024-01-01"] * len(histories), "datetime64[us]"),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        lengths=lengths,
        values=np.concatenate([np.asarray(h, float) for h in histories]),
        past=np.zeros((rows, 0), np.float32) if past is None else past,
        future=np.zeros((rows, 0), np.float32),
    )


def model(transform="none", season=1, **contract):
    """A model that reads 12 values, trained on values from -1.5 to 9.25 unless told otherwise."""
    made = made_model()
    network = replace(
        made.network,
        shape=replace(made.network.shape, season=season),
        scaling=replace(made.network.scaling, transform=transform),
    )
    return replace(made, network=network, contract=change_contract(made.contract, **contract))


def kinds(found):
    return [(finding.kind, finding.severity, finding.count) for finding in found]


# Values


def test_values_like_those_of_training_give_no_word():
    assert check_contract(panel([1.0] * 12, [-1.5] * 12), model()) == []


@pytest.mark.parametrize(("value", "far"), [(14.6, False), (14.7, True), (-6.8, False), (-6.9, True)])
def test_far_is_half_the_range_of_training_beyond_its_ends(value, far):
    history = [1.0] * 12
    history[3] = value
    assert kinds(check_contract(panel(history), model())) == [("out-of-range", "warning", 1)] * far


@pytest.mark.parametrize(("value", "far"), [(999, False), (1001, True), (0.11, False), (0.09, True)])
def test_of_logarithms_it_is_half_the_ratio(value, far):
    trained = model("log", smallest=1.0, largest=100.0)  # a ratio of 100: 10 times beyond the ends
    found = check_contract(panel([50.0] * 11 + [value]), trained)
    assert kinds(found) == [("out-of-range", "warning", 1)] * far


def test_only_values_that_a_forecast_looks_at_count():
    assert check_contract(panel([1e6] + [1.0] * 12), model()) == []
    assert kinds(check_contract(panel([1.0] + [1e6] + [1.0] * 11), model())) == [
        ("out-of-range", "warning", 1)
    ]


def test_the_time_of_a_far_value_is_that_of_the_zone():
    given = replace(panel([1.0] * 11 + [99]), zone="America/New_York")
    (found,) = check_contract(given, model())
    assert found.message.endswith("the first is 99 at 2024-01-11 19:00:00-05:00 in a")


def test_the_first_far_value_and_the_series_with_most_are_named():
    found = check_contract(panel([1.0] * 12, [1.0] * 10 + [99, 1.0], [77.0] * 12), model())
    assert [finding.message for finding in found] == [
        "13 values in 2 series far outside the training range -1.5 to 9.25; "
        "the first is 99 at 2024-01-11 in b"
    ]
    assert [(s.name, s.count) for s in found[0].series] == [("c", 12), ("b", 1)]


def test_training_on_one_value_leaves_room_around_it():
    trained = model(smallest=100.0, largest=100.0)
    assert check_contract(panel([149.0] * 12), trained) == []
    assert kinds(check_contract(panel([151.0] * 12), trained)) == [("out-of-range", "warning", 12)]


def test_a_covariate_ten_deviations_off_is_told():
    trained = model(past=("wind",))
    scaling = Scaling(
        "none", "mean", Standardisation((5.0,), (2.0,)), Standardisation((0.0,) * 3, (1.0,) * 3)
    )
    trained = replace(trained, network=replace(trained.network, scaling=scaling))
    wind = np.full((12, 1), 5, np.float32)
    wind[4] = 5 + 2 * 10.5
    (found,) = check_contract(panel([1.0] * 12, past=wind), trained)
    assert (found.kind, found.count) == ("out-of-range", 1)
    assert "wind (1)" in found.message


# History


@pytest.mark.parametrize(
    ("history", "short"), [([1.0] * 4, False), ([1.0] * 3, True), ([1.0, math.nan, math.nan, 1.0], True)]
)
def test_fewer_observed_values_than_a_season_are_told(history, short):
    trained = model(season=4)
    trained = replace(
        trained, network=replace(trained.network, arch=replace(trained.network.arch, segment=1))
    )
    assert kinds(check_contract(panel(history), trained)) == [("short-history", "warning", 1)] * short


# Series


def test_new_series_are_counted_and_named():
    trained = model(known_series=fingerprints([("a",), ("b",)]))
    found = check_contract(panel([1.0] * 12, [1.0] * 12, [1.0] * 12, keys=["b", "x", "y"]), trained)
    assert kinds(found) == [("new-series", "note", 2)]
    assert found[0].message == "2 series not seen in training: x, y"


def test_missing_series_and_models_that_kept_no_names_give_no_word():
    assert check_contract(panel([1.0] * 12), model(known_series=fingerprints([("a",), ("b",)]))) == []
    assert check_contract(panel([1.0] * 12), model()) == []


def test_names_are_kept_as_sorted_short_hashes():
    names = [(f"series {k}", "x") for k in range(1000)]
    packed = fingerprints(names)
    assert len(packed) == 8 * 1000
    assert packed == fingerprints(reversed(names))
    assert fingerprints([("a", "b")]) != fingerprints([("a b",)])


# Steps


def table_of(tmp_path, times, options=None):
    path = tmp_path / "data.csv"
    path.write_text("time,y\n" + "".join(f"{time},{k}\n" for k, time in enumerate(times)))
    return read_table(str(path), *([options] if options else []))


def days(every, count=6):
    return [date(2024, 1, 1) + timedelta(days=every * k) for k in range(count)]


@pytest.mark.parametrize(
    ("times", "step", "said"),
    [
        (
            days(7),
            DAILY,
            "rows are one week apart (2024-01-01, 2024-01-08); the model was trained on one day",
        ),
        (
            days(1),
            Step("fixed", 7 * DAY),
            "rows are one day apart (2024-01-01, 2024-01-02); the model was trained",
        ),
        (
            [datetime(2024, 1, 1) + timedelta(minutes=15 * k) for k in range(9)],
            HOURLY,
            "rows are 15 minutes apart (2024-01-01, 2024-01-01 00:15:00); the model was trained on",
        ),
        (
            days(1),
            Step("month", 1, 1),
            "rows are one day apart (2024-01-01, 2024-01-02); the model was trained",
        ),
        (range(6), DAILY, "the times are plain steps, the model on dates"),
        (days(1), Step("plain", 1), "the times are dates, the model was trained on plain steps"),
    ],
)
def test_another_step_is_told_with_both(tmp_path, times, step, said):
    with pytest.raises(DataError) as caught:
        panel_for_contract(table_of(tmp_path, times), ROLES, step)
    assert caught.value.kind == "other-step"
    assert said in str(caught.value)


@pytest.mark.parametrize("times", [days(1)[:3] + days(1)[4:], days(7, 2), days(2, 2)])
def test_a_gap_is_no_other_step(tmp_path, times):
    with pytest.raises(DataError) as caught:
        panel_for_contract(table_of(tmp_path, times), ROLES, DAILY)
    assert caught.value.kind == "gap"


@pytest.mark.parametrize("times", [days(1), days(1, 1), days(1, 5)])
def test_business_days_may_be_five_or_fewer(tmp_path, times):
    step = Step("business day", 1)
    assert len(panel_for_contract(table_of(tmp_path, times[:5]), ROLES, step)[0].values) == len(times[:5])


def test_policies_do_not_let_another_step_pass(tmp_path):
    with pytest.raises(DataError) as caught:
        panel_for_contract(table_of(tmp_path, days(7), ReadOptions(on_gap="mask")), ROLES, DAILY)
    assert caught.value.kind == "other-step"


# In a shell


@pytest.fixture
def run(tmp_path, trained, environment):
    def make(command, text, *arguments):
        (tmp_path / "new.csv").write_text(text)
        return subprocess.run(
            [warm_program(), command, "new.csv", "-m", trained.model, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return make


def hours(values):
    start = datetime(2024, 3, 1)
    return "time,y\n" + "".join(
        f"{start + timedelta(hours=k):%Y-%m-%d %H:%M},{v}\n" for k, v in enumerate(values)
    )


WAVE = [100 + 20 * math.sin(math.pi * k / 12) for k in range(200)]
FAR = [*WAVE[:-1], 1e6]


def test_far_values_are_told_and_refused_where_that_is_wanted(run):
    told = run("predict", hours(FAR))
    assert told.returncode == 0
    assert "far outside the training range" in told.stderr
    assert "[out-of-range]" in told.stderr
    assert len(list(csv.reader(io.StringIO(told.stdout)))) == 25
    assert run("predict", hours(FAR), "-q").stderr == ""
    refused = run("predict", hours(FAR), "--on-range", "error", "-q")
    assert (refused.returncode, refused.stdout) == (65, "")
    assert refused.stderr.endswith("[out-of-range]\n")
    assert run("predict", hours(WAVE), "--on-range", "error").stderr == ""


def test_check_tells_what_predict_would_do(run):
    assert run("check", hours(WAVE)).returncode == 0
    far = run("check", hours(FAR), "--format", "json")
    assert (far.returncode, far.stderr) == (0, "")
    assert [f["kind"] for f in json.loads(far.stdout)["findings"]] == ["out-of-range"]
    other = "time,y\n" + "".join(f"{day},5\n" for day in days(1, 30))
    for command in ("check", "predict"):
        done = run(command, other)
        assert done.returncode == 65
        assert "[other-step]" in (done.stdout if command == "check" else done.stderr)


def test_check_with_a_model_has_no_settings(run):
    assert run("check", hours(WAVE), "--set", "seed=1").returncode == 2


def test_new_series_may_be_refused(tmp_path, environment):
    rows = [f"{day},{shop},{1 + k % 7}" for k, day in enumerate(days(1, 60)) for shop in "ab"]
    (tmp_path / "old.csv").write_text("\n".join(["time,shop,y", *rows]))
    (tmp_path / "new.csv").write_text("\n".join(["time,shop,y", *rows]).replace(",b,", ",c,"))

    def shell(*command):
        program = [warm_program(), *command]
        return subprocess.run(
            program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    small = ("--set", "steps=5", "--set", "hidden=4", "--set", "baseline=last", "--set", "processes=1")
    assert shell("train", "old.csv", "-q", *small).returncode == 0
    assert shell("predict", "old.csv", "--on-new-series", "error").stderr == ""
    told = shell("predict", "new.csv")
    assert told.returncode == 0
    assert told.stderr == "note: 1 series not seen in training: c [new-series]\n"
    refused = shell("predict", "new.csv", "--on-new-series", "error")
    assert (refused.returncode, refused.stdout) == (65, "")
    assert refused.stderr == "lstmcli: new.csv: 1 series not seen in training: c [new-series]\n"
