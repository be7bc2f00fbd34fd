"""`lstmcli backtest` from a file to its report: no leak, what was seen in training, every output."""

import csv
import json
import math
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest

from lstmcli import model_file
from lstmcli.cli.app import program
from lstmcli.console import manner
from lstmcli.errors import CannotCreate, UsageError
from lstmcli.evaluation.statistical import STATISTICAL_MODELS
from lstmcli.model_file.contract import last_times, trained_lengths
from lstmcli.reports.text.backtest_json import BACKTEST_VERSION
from lstmcli.tables.read import panel_of, read_table

QUICK = ["steps=4", "hidden=8", "processes=1", "context=24", "segment=12", "season=12", "baseline=seasonal"]
SETTINGS = [word for setting in QUICK for word in ("--set", setting)]
HORIZON, FOLDS = 6, 2


@pytest.fixture
def backtest(tmp_path, monkeypatch, capsys):
    """Runs the command in this process, in an empty folder; what it said on both outputs."""
    for name in [name for name in os.environ if name.startswith("LSTMCLI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def make(*arguments):
        capsys.readouterr()
        monkeypatch.setattr(manner, "_chosen", [manner.OutputMode()])  # -q is of one command
        program()(["backtest", *map(str, arguments)], standalone_mode=False)
        return capsys.readouterr()

    return make


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def by_fold(path):
    """What was forecast in each fold, as texts: all but what came."""
    found = {}
    for row in rows_of(path):
        found.setdefault(row["fold"], []).append([v for k, v in row.items() if k != "actual"])
    return found


def written(path, length=150, from_row=None, keep_future=True):
    """Two series with covariates; from a row on everything that is not known then is garbage."""
    draw = random.Random(4)
    lines = ["shop,day,y,heat,kind,promo"]
    for shop in ("n", "s"):
        for day in range(length):
            y = 20 + 5 * math.sin(math.pi * day / 6) + draw.random()
            heat, kind, promo = draw.random(), draw.choice("ab"), draw.randrange(3)
            if from_row is not None and day >= from_row:
                y, heat, kind = -1e6 * (1 + day % 7), 1e7, f"new{day}"
                promo = promo if keep_future else promo + 5
            lines.append(f"{shop},{day},{y:.3f},{heat:.3f},{kind},{promo}")
    path.write_text("\n".join([*lines, ""]))
    return path


ROLES = ["series=shop", "time=day", "target=y", "past=heat,kind", "future=promo"]
COLUMNS = [word for role in ROLES for word in ("--set", role)]


# No leak

ORIGIN = 150 - HORIZON  # of the last fold


@pytest.fixture
def refitted(backtest, tmp_path):
    """Forecasts by fold of models trained anew on a table."""

    def make(table):
        arguments = [table, "--horizon", HORIZON, "--folds", FOLDS, *SETTINGS, *COLUMNS]
        backtest(*arguments, "-q", "-o", "forecasts.csv")
        return by_fold(tmp_path / "forecasts.csv")

    return make


def test_garbage_after_an_origin_changes_no_forecast_of_a_model_trained_before_it(refitted, tmp_path):
    clean = refitted(written(tmp_path / "data.csv"))
    last = refitted(written(tmp_path / "data.csv", from_row=ORIGIN))
    assert last == clean  # bit by bit: numbers are written in full
    first = refitted(written(tmp_path / "data.csv", from_row=ORIGIN - HORIZON))
    assert first["1"] == clean["1"]
    assert first["2"] != clean["2"]


def test_what_is_known_ahead_is_used_and_no_more_of_it_than_the_horizon(refitted, tmp_path):
    clean = refitted(written(tmp_path / "data.csv"))
    last = refitted(written(tmp_path / "data.csv", from_row=ORIGIN, keep_future=False))
    assert last["1"] == clean["1"]
    assert last["2"] != clean["2"]


@pytest.fixture
def model(backtest, tmp_path):
    """A model of the first 120 rows of each series."""
    table = written(tmp_path / "data.csv", length=120)
    words = [*SETTINGS, *COLUMNS, "--horizon", str(HORIZON)]
    program()(
        ["train", str(table), "-m", str(tmp_path / "model.safetensors"), "-q", *words], standalone_mode=False
    )
    return tmp_path / "model.safetensors"


def test_garbage_after_an_origin_changes_no_forecast_of_a_given_model(backtest, model, tmp_path):
    def forecasts(table):
        backtest(table, "-m", model, "--folds", 2, "-q", "-o", "forecasts.csv")
        return by_fold(tmp_path / "forecasts.csv")

    clean = forecasts(written(tmp_path / "new.csv"))
    assert forecasts(written(tmp_path / "new.csv", from_row=ORIGIN)) == clean
    first = forecasts(written(tmp_path / "new.csv", from_row=ORIGIN - HORIZON))
    assert first["1"] == clean["1"]
    assert first["2"] != clean["2"]
    ahead = forecasts(written(tmp_path / "new.csv", from_row=ORIGIN, keep_future=False))
    assert ahead["1"] == clean["1"]
    assert ahead["2"] != clean["2"]


def test_the_forecast_of_a_fold_is_what_predict_says_of_the_rows_before_it(backtest, model, tmp_path):
    whole = written(tmp_path / "whole.csv")
    backtest(whole, "-m", model, "--folds", 1, "-q", "-o", "forecasts.csv")
    lines = whole.read_text().splitlines()
    for k, line in enumerate(lines[1:], 1):
        cells = line.split(",")
        if int(cells[1]) >= ORIGIN:  # only what is known ahead stays
            lines[k] = ",".join([*cells[:2], "", "", "", cells[5]])
    (tmp_path / "before.csv").write_text("\n".join([*lines, ""]))
    words = ["predict", str(tmp_path / "before.csv"), "-m", str(model), "-q", "-o", "predicted.csv"]
    program()(words, standalone_mode=False)
    predicted, found = rows_of("predicted.csv"), rows_of("forecasts.csv")
    assert [row["forecast"] for row in found] == [row["forecast"] for row in predicted]
    assert [row["q0.975"] for row in found] == [row["q0.975"] for row in predicted]
    assert [(row["shop"], row["day"]) for row in found] == [(row["shop"], row["day"]) for row in predicted]


# Seen in training


def test_folds_that_a_model_has_seen_are_labelled(backtest, model, tmp_path):
    table = written(tmp_path / "new.csv")
    report = json.loads(backtest(table, "-m", model, "--format", "json", "-o", "f.csv").out)
    assert [fold["seen"] for fold in report["folds"]] == [0] * 5  # 30 rows are new
    assert {row["seen_in_training"] for row in rows_of(tmp_path / "f.csv")} == {"no"}
    said = backtest(table, "-m", model, "--folds", "7", "-o", "f.csv").out
    assert said.count("  seen in training") == 2
    assert "4 of 14 windows were seen in training" in " ".join(said.split())
    labels = {row["fold"]: row["seen_in_training"] for row in rows_of(tmp_path / "f.csv")}
    assert labels == {"1": "yes", "2": "yes", "3": "no", "4": "no", "5": "no", "6": "no", "7": "no"}


def test_on_its_own_data_a_model_has_seen_everything(backtest, model):
    said = " ".join(backtest("-m", model).out.split())
    assert "was trained on all values that it is scored on here" in said
    assert "(on values seen in training)" in said


def test_a_model_file_tells_where_the_training_data_of_each_series_ended(tmp_path, model):
    contract = model_file.read_model(model).contract
    assert contract.ends == ("119",)
    panel = panel_of(*read_with_settings(written(tmp_path / "new.csv")))[0]
    assert trained_lengths(panel, contract).tolist() == [120, 120]
    lines = (tmp_path / "new.csv").read_text().splitlines()
    (tmp_path / "ragged.csv").write_text(
        "\n".join([*lines[:131], *lines[151:], "x,0,1.000,1,a,1", "x,1,2.000,1,a,1"])
    )
    ragged = panel_of(*read_with_settings(tmp_path / "ragged.csv"))[0]
    assert len(last_times(ragged)) == 3
    changed = replace(contract, ends=("99", "89"))
    found = trained_lengths(ragged, changed)
    assert sorted(found.tolist()) == [0, 90, 100]
    old = replace(contract, ends=())
    assert trained_lengths(panel, old) is None


def read_with_settings(path):
    from lstmcli.settings.load import load_settings

    settings = load_settings(None, {}, tuple(ROLES))
    return read_table(str(path), settings.options), settings


# Outputs


def test_the_report_goes_to_standard_output_and_progress_to_standard_error(backtest, tmp_path):
    table = written(tmp_path / "data.csv")
    arguments = [table, "--horizon", HORIZON, "--folds", 2, *SETTINGS, *COLUMNS]
    done = backtest(*arguments, "--plot", "picture.png")
    for part in ("backtest    ", "seasonal naive", "by step", "worst series", "verdict     ", "in 95 %"):
        assert part in done.out
    assert "fold 1/2    276 values up to 137" in done.err
    assert "about" in done.err and "fold 2/2    trained in" in done.err
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    again = backtest(*arguments, "-q")
    assert again.err == ""
    assert again.out == done.out


def test_json_holds_what_the_files_say(backtest, model, tmp_path):
    table = written(tmp_path / "new.csv")
    report = json.loads(backtest(table, "-m", model, "--format", "json", "-o", "f.csv", "-q").out)
    assert report["version"] == BACKTEST_VERSION
    rows = rows_of(tmp_path / "f.csv")
    assert list(rows[0])[:7] == ["shop", "fold", "origin", "seen_in_training", "day", "step", "actual"]
    assert list(rows[0])[-5:] == ["last_value", "drift", "seasonal_naive", "ets", "theta"]
    assert len(rows) == 5 * 2 * HORIZON
    # The origin is the last known time, as in `predict --follow`.
    assert {int(row["day"]) - int(row["origin"]) - int(row["step"]) for row in rows} == {0}
    assert [fold["first"] for fold in report["folds"]] == [row["origin"] for row in rows[:: 2 * HORIZON]]
    assert report["metric"] == "mase"
    for name, column in {"model": "forecast", "drift": "drift", "seasonal naive": "seasonal_naive"}.items():
        errors = [abs(float(row["actual"]) - float(row[column])) for row in rows]
        found = next(place for place in report["order"] if place["name"] == name)
        assert found["scores"]["mae"] == pytest.approx(sum(errors) / len(errors))
        third = [e for e, row in zip(errors, rows, strict=True) if row["fold"] == "3"]
        assert report["folds"][2]["scores"][name]["mae"] == pytest.approx(sum(third) / len(third))
    inside = [float(r["q0.1"]) <= float(r["actual"]) <= float(r["q0.9"]) for r in rows]
    best = next(place for place in report["order"] if place["name"] == "model")
    assert best["scores"]["inside_80"] == pytest.approx(sum(inside) / len(inside))


def test_what_goes_to_standard_output_takes_the_place_of_the_report(backtest, model, tmp_path):
    table = written(tmp_path / "new.csv")
    report = backtest(table, "-m", model, "--html", "page.html", "-o", "f.csv").out
    assert report.startswith("backtest ")
    page = (tmp_path / "page.html").read_text()
    assert "Backtest of y" in page
    assert backtest(table, "-m", model, "--html", "-", "-o", "g.csv", "-q").out == page
    assert (tmp_path / "g.csv").read_bytes() == (tmp_path / "f.csv").read_bytes()
    assert backtest(table, "-m", model, "-o", "-", "-q").out == (tmp_path / "f.csv").read_text()


def test_explain_tells_every_measure_without_data(backtest):
    said = backtest("--explain").out
    for name in ("MAE", "RMSE", "sMAPE", "MASE", "RMSSE", "wQL", "inside", "Winkler", "MSIS"):
        assert f"{name}\n  " in said


def test_refit_of_a_model_takes_its_settings(backtest, model, tmp_path):
    table = written(tmp_path / "new.csv")
    report = json.loads(
        backtest(table, "-m", model, "--refit", "--set", "steps=2", "--folds", 1, "--format", "json").out
    )
    assert report["design"]["horizon"] == HORIZON
    assert report["design"]["model"] == ""
    assert report["seen"] == 0


# Refusals


def test_contradictions_are_refused(backtest, model, tmp_path):
    for arguments, message in (
        (["-m", model, "-c", "x.yaml"], "leave out --config"),
        (["-m", model, "--set", "steps=3"], "add --refit"),
        ([], "name a CSV file"),
        (["-m", model, "--folds", "400"], "would fit"),
        (["-m", model, "--html", "-", "-o", "-"], "both go to standard output: name a file for --output"),
        (["-m", model, "--html", "-", "--format", "json"], "name a file for --html"),
        (["-m", model, "--baselines", "AutoET"], "Did you mean 'AutoETS'"),
    ):
        with pytest.raises(UsageError, match=message):
            backtest(*arguments)
    with pytest.raises(CannotCreate):
        backtest("-m", model, "-o", tmp_path / "no" / "f.csv")
    with pytest.raises(CannotCreate):
        backtest("-m", model, "--html", tmp_path / "no" / "page.html")


def test_baselines_without_statsforecast_name_the_extra(backtest, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsforecast", None)
    monkeypatch.setitem(sys.modules, "statsforecast.models", None)
    with pytest.raises(UsageError, match=r'pip install "lstmcli\[baselines\]"'):
        backtest("-m", model, "--baselines", "AutoETS,AutoTheta")


def test_statistical_models_stand_beside_the_others(backtest, model, tmp_path):
    pytest.importorskip("statsforecast")
    said = backtest(
        written(tmp_path / "new.csv"), "-m", model, "--folds", 1, "--baselines", ",".join(STATISTICAL_MODELS)
    ).out
    for name in STATISTICAL_MODELS:
        assert name in said


def test_scoring_a_model_loads_no_torch(model, tmp_path, environment):
    code = (
        "import sys\nfrom lstmcli.cli.app import program\n"
        f"program()(['backtest', '-m', {str(model)!r}], standalone_mode=False)\n"
        "print(sorted({'torch', 'matplotlib', 'statsforecast'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_quiet_with_files_no_report_is_printed(backtest, model, tmp_path):
    table = written(tmp_path / "new.csv")
    words = [table, "-m", model, "--folds", 1, "-o", "forecasts.csv"]
    assert "verdict" in backtest(*words).out
    assert "verdict" in backtest(*words[:-2], "-q").out  # it is all that there is
    assert '"verdict"' in backtest(*words, "-q", "--format", "json").out
    assert backtest(*words, "-q").out == "" and rows_of(tmp_path / "forecasts.csv")
