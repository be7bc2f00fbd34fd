"""The network that comes with the program: where it is used, what it is told, what it refuses."""

import hashlib
import io
import json
import shlex
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import lstmcli
from lstmcli.cli.app import program
from lstmcli.console.screen import Screen
from lstmcli.errors import ConditionFailed, DataError, InputMissing, SettingsError, UsageError
from lstmcli.jobs import forecast_files
from lstmcli.jobs import verify as verify_job
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions
from lstmcli.network.builtin_file import BUILTIN_FILE
from lstmcli.settings.untrained import untrained_names

app = program()
NOTE = "no model.safetensors here"


def months(count, start=2015):
    return [f"{start + m // 12}-{m % 12 + 1:02}" for m in range(count)]


def wave(count):
    t = np.arange(count)
    return 100 + 0.5 * t + 20 * np.sin(2 * np.pi * t / 12)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder but for a file of eight years of months."""
    rows = [f"{time},{value:.3f}" for time, value in zip(months(96), wave(96), strict=True)]
    (tmp_path / "data.csv").write_text("\n".join(["month,sales", *rows, ""]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return app([*words], standalone_mode=False)


def table(text):
    return pd.read_csv(io.StringIO(text))


def test_a_file_is_forecast_without_a_model(here, capsys):
    run("predict", "data.csv")
    printed = capsys.readouterr()
    assert NOTE in printed.err
    assert "forecast by built-in 0.55, theta 0.25, ets 0.2 (shares)" in printed.err
    made = table(printed.out)
    assert [*made.month] == months(108)[96:]
    assert made.forecast.to_numpy() == pytest.approx(wave(108)[96:], abs=5)


def test_quiet_does_not_hide_that_the_model_is_gone(here, capsys):
    run("predict", "data.csv", "-q")
    assert capsys.readouterr().err.count("\n") == 1
    run("predict", "data.csv", "-q", "-m", "builtin")
    assert capsys.readouterr().err == ""


def test_a_file_that_is_not_there_is_not_said_to_be_forecast(here, capsys):
    with pytest.raises(InputMissing, match=r"gone\.csv"):
        run("predict", "gone.csv")
    assert capsys.readouterr().err == ""


def test_a_model_that_is_named_must_exist(here, monkeypatch):
    for words in (["-m", "gone.safetensors"], ["-m", "./builtin"]):
        with pytest.raises(InputMissing, match="no such file"):
            run("predict", "data.csv", *words)
    with pytest.raises(InputMissing, match=r"model\.safetensors"):
        run("predict")  # without data there is nothing to forecast at once
    monkeypatch.setenv("LSTMCLI_MODEL", "elsewhere.safetensors")
    with pytest.raises(InputMissing, match="elsewhere"):
        run("predict", "data.csv")
    monkeypatch.setenv("LSTMCLI_MODEL", "builtin")
    run("predict", "data.csv", "-q")


def test_train_writes_no_file_of_the_name_of_the_builtin_network(here, monkeypatch):
    words = ["train", "data.csv", "-q", "--set", "steps=2", "--set", "mix=network"]
    for name in ("-m", "environment"):
        if name == "environment":
            monkeypatch.setenv("LSTMCLI_MODEL", "builtin")
        with pytest.raises(UsageError, match=r"for a file of this name: -m \./builtin$"):
            run(*words, *(["-m", "builtin"] if name == "-m" else []))
    assert not (here / "builtin").exists()
    run(*words, "-m", "./builtin")
    assert (here / "builtin").exists()


def test_the_model_of_the_folder_comes_first(here, capsys):
    quick = [f"--set={s}" for s in ("steps=2", "hidden=4", "mix=network", "refit=false")]
    run("train", "data.csv", "-q", *quick)
    run("predict", "data.csv")
    assert NOTE not in capsys.readouterr().err


def test_settings_of_the_data_are_taken_and_those_of_training_refused(here, capsys):
    text = (here / "data.csv").read_text().replace("2016-03,", "2016-03,-", 1)
    rows = [row for row in text.splitlines() if not row.startswith("2017-05")]
    (here / "gap.csv").write_text("\n".join([*rows, ""]))
    run("predict", "gap.csv", "-m", "builtin", "-q", "--set", "on_gap=mask", "--set", "horizon=3")
    assert len(table(capsys.readouterr().out)) == 3
    (here / "s.yaml").write_text("on_gap: fill\nhorizon: 2\nhidden: 8\n")
    run("predict", "gap.csv", "-m", "builtin", "-q", "-c", "s.yaml")
    assert len(table(capsys.readouterr().out)) == 2
    with pytest.raises(UsageError, match="hidden is of training"):
        run("predict", "data.csv", "-m", "builtin", "--set", "hidden=8")
    with pytest.raises(SettingsError, match="unknown setting"):
        run("predict", "data.csv", "-m", "builtin", "--set", "on_gaps=mask")


def test_a_settings_file_is_only_for_the_builtin_network(here):
    (here / "s.yaml").write_text("on_gap: mask\n")
    with pytest.raises(UsageError, match="--config"):
        run("predict", "data.csv", "-m", "other.safetensors", "-c", "s.yaml")


def test_the_network_alone(here, capsys):
    run("predict", "data.csv", "-m", "builtin", "--set", "mix=network")
    printed = capsys.readouterr()
    assert "forecast by built-in 1 (shares);" in printed.err
    run("predict", "data.csv", "-m", "builtin")
    assert capsys.readouterr().out != printed.out


def test_covariates_are_not_used_and_it_is_said(here, capsys):
    rows = (here / "data.csv").read_text().splitlines()
    with_promo = [f"{row},{n % 3}" for n, row in enumerate(rows[1:])]
    (here / "promo.csv").write_text("\n".join([rows[0] + ",promo", *with_promo, ""]))
    run("predict", "promo.csv", "-m", "builtin", "--set", "past=promo", "--set", "target=sales")
    printed = capsys.readouterr()
    assert "promo is not used" in printed.err
    run("predict", "data.csv", "-m", "builtin")
    assert capsys.readouterr().out == printed.out


def test_covariates_are_not_offered(here, capsys):
    rows = (here / "data.csv").read_text().splitlines()
    others = [
        "promo,temperature (C),price",
        *[f"{n % 3 // 2},{n * 7 % 13},{n * 5 % 17}" for n in range(len(rows) - 1)],
    ]
    (here / "more.csv").write_text("\n".join(map(",".join, zip(rows, others, strict=True))))
    said = "promo (0 or 1); temperature (C), price (likely a covariate: to forecast as well --set 'target="
    cached = ("predict", "--cache", "kept")  # which is made first, and read then
    for command, *more in (("predict",), ("check",), cached, cached):
        run(command, "more.csv", "-m", "builtin", *more)
        printed = capsys.readouterr()
        shown = " ".join((printed.err + printed.out).split())
        assert said in shown and "past=" not in shown


@pytest.mark.parametrize("values", [[3, 4, 5], [7] * 40, [0] * 30, [1, None, 3, 4, None, 6, 7]])
def test_short_and_odd_series(here, capsys, values):
    start = date(2024, 1, 1)
    rows = [f"{start + timedelta(days=n)},{'' if v is None else v}" for n, v in enumerate(values)]
    (here / "odd.csv").write_text("\n".join(["time,y", *rows, ""]))
    sets = ["--set=target=y"] if len(set(values)) == 1 else []
    run("predict", "odd.csv", "-m", "builtin", "-q", *sets)
    made = table(capsys.readouterr().out)
    assert len(made) == 14
    assert np.isfinite(made.forecast).all()
    assert (made.forecast >= 0).all()


def test_a_page_and_a_picture(here, capsys):
    run("predict", "data.csv", "-m", "builtin", "-q", "--html", "f.html", "--plot", "f.png", "-o", "f.csv")
    page = (here / "f.html").read_text()
    assert "not trained on this file" in page
    assert (here / "f.png").stat().st_size > 10_000


def test_backtest_finds_seasons_in_what_is_known(here, capsys):
    run("backtest", "data.csv", "-m", "builtin", "--folds", "2")
    printed = capsys.readouterr().out
    assert "the built-in network; it sees nothing after the origin" in printed
    with pytest.raises(UsageError, match="--refit"):
        run("backtest", "data.csv", "-m", "builtin", "--refit")


def test_export_says_what_it_cannot_write(here):
    with pytest.raises(UsageError, match="ets and theta"):
        run("export", "m.onnx", "-m", "builtin")


def test_a_stream_needs_its_past(here):
    with pytest.raises(UsageError, match="--history FILE"):
        run("predict", "-", "--follow", "-m", "builtin")


def test_python_gives_the_numbers_of_the_command(here, capsys):
    run("predict", "data.csv", "-m", "builtin", "-q", "--level", "80", "--horizon", "5")
    printed = table(capsys.readouterr().out)
    made = lstmcli.builtin().forecast(pd.read_csv("data.csv"), horizon=5, levels=[80])
    assert made["q0.9"].to_numpy() == pytest.approx(printed["q0.9"].to_numpy())
    with pytest.raises(SettingsError, match="hidden"):
        lstmcli.builtin(hidden=8)


# The look into its gates


def test_the_gates_are_shown_without_a_model(here, capsys):
    run("inspect-gates", "data.csv", "-m", "builtin", "--windows", "1")
    assert "forecast by built-in 0.5" in capsys.readouterr().err
    run("inspect-gates", "data.csv", "-q")
    printed = capsys.readouterr()
    assert (
        printed.err
        == "note: no model.safetensors here: the built-in network is shown; -m builtin asks for it\n"
    )
    lines = printed.out.splitlines()
    assert lines[0] == "the built-in network has 0.55 of the forecast"
    assert lines[1] == "LSTM, 1 x 256 units, built-in"
    assert "yearly season, 1 step" in printed.out
    assert max(map(len, lines)) <= 79
    run("inspect-gates", "data.csv", "-q", "-m", "builtin")
    assert capsys.readouterr() == (printed.out, "")


def test_one_forecast_of_the_network_alone_is_explained(here, capsys):
    words = ["-m", "builtin", "--set", "mix=network", "-q"]
    run("inspect-gates", "data.csv", *words, "--horizon", "3", "--at", "2022-12", "--format", "json")
    document = json.loads(capsys.readouterr().out)
    assert (document["builtin"], document["share"]) == (True, 1)
    assert document["window"]["features"] == ["value", "season change", "step change", "observed"]
    run("predict", "data.csv", *words, "--horizon", "3")
    made = table(capsys.readouterr().out)
    assert document["window"]["ahead"] == [f"{month}-01" for month in made.month]
    # The forecast is the mean of this and of that of the mirrored series.
    assert document["window"]["forecast"] == pytest.approx(made.forecast.to_numpy(), rel=0.05)


def test_gates_are_written_and_held_to_conditions(here, capsys):
    run("inspect-gates", "data.csv", "-q", "-m", "builtin", "--out", "gates", "--plot", "g.png")
    assert (here / "g.png").stat().st_size > 50_000
    trace = pd.read_csv("gates/trace.csv")
    assert list(trace.columns[:4]) == ["month", "step", "layer", "unit"]
    assert len(trace) == 8 * 256
    capsys.readouterr()
    words = ["-m", "builtin", "-q", "--baseline", "gates/summary.json", "--html", "g.html"]
    with pytest.raises(ConditionFailed):
        run("inspect-gates", "data.csv", *words, "--fail-on", "forget > 0")
    assert "since the baseline" in capsys.readouterr().out
    assert "the built-in network has 0.55 of the forecast" in (here / "g.html").read_text()


def test_the_picture_of_a_moment_has_the_form_of_its_ending(here):
    words = ["inspect-gates", "data.csv", "-q", "-m", "builtin", "--at", "2022-12"]
    run(*words, "--plot", "g.svg")
    text = (here / "g.svg").read_text()
    assert text.startswith("<?xml") and "The forecast after" in text
    with pytest.raises(UsageError, match=r"ends in \.png, \.svg or \.pdf, not \.txt"):
        run(*words, "--plot", "g.txt")


def test_what_the_gates_of_the_builtin_network_refuse(here):
    for words, said in (
        (["--delays", "5"], "--delays needs --cells"),
        (["--member", "2"], "the built-in network has 1"),
        (["--compare", "other.safetensors"], "stands beside no other model"),
        (["--set", "hidden=8"], "hidden is of training"),
    ):
        with pytest.raises(UsageError, match=said):
            run("inspect-gates", "data.csv", "-m", "builtin", *words)
    with pytest.raises(UsageError, match="stands beside no other model"):
        run("inspect-gates", "data.csv", "-m", "other.safetensors", "--compare", "builtin")
    with pytest.raises(UsageError, match="--config needs --cells or -m builtin"):
        run("inspect-gates", "data.csv", "-m", "other.safetensors", "-c", "s.yaml")
    with pytest.raises(InputMissing, match=r"model\.safetensors"):
        run("inspect-gates")


# check, verify and config


def printed_by(capsys, *words):
    run(*words)
    return capsys.readouterr().out


def test_check_gives_the_command_that_predict_takes(here, capsys):
    printed = printed_by(capsys, "check", "data.csv", "-m", "builtin")
    assert "Ready to forecast. Command:" in printed
    assert "training" not in printed
    report = json.loads(printed_by(capsys, "check", "data.csv", "-m", "builtin", "--format", "json"))
    words = shlex.split(report["command"])
    assert words[:5] == ["lstmcli", "predict", "data.csv", "-m", "builtin"]
    assert (report["estimate"], [s["used"] for s in report["seasons"]]) == (None, [True])
    assert printed_by(capsys, *words[1:]) == printed_by(capsys, "predict", "data.csv", "-m", "builtin")
    run("check", "data.csv", "-m", "builtin", "--horizon", "2", "-o", "found.yaml")
    assert len(table(printed_by(capsys, "predict", "data.csv", "-m", "builtin", "-c", "found.yaml"))) == 2


def test_check_finds_what_predict_refuses_and_what_helps(here, capsys):
    rows = (here / "data.csv").read_text().splitlines()
    (here / "gap.csv").write_text("\n".join([*rows[:20], *rows[21:], ""]))
    assert run("check", "gap.csv", "-m", "builtin", "--format", "json") == 65
    report = json.loads(capsys.readouterr().out)
    assert not report["accepted"]
    assert "on_gap=mask" in report["command"]
    run(*shlex.split(report["command"])[1:])
    with pytest.raises(UsageError, match="hidden is of training"):
        run("check", "data.csv", "-m", "builtin", "--set", "hidden=8")


def test_check_says_that_covariates_are_not_used(here, capsys):
    rows = (here / "data.csv").read_text().splitlines()
    (here / "promo.csv").write_text(
        "\n".join([rows[0] + ",promo", *(f"{row},{n % 3}" for n, row in enumerate(rows[1:])), ""])
    )
    words = ["--set", "past=promo", "--set", "target=sales"]
    assert "promo is not used" in printed_by(capsys, "check", "promo.csv", "-m", "builtin", *words)


def test_the_builtin_network_is_verified(capsys, monkeypatch, tmp_path):
    report = json.loads(printed_by(capsys, "verify", "-m", "builtin", "--format", "json"))
    assert (report["model"], report["verified"], report["sealed"]) == ("builtin", True, True)
    assert report["sha256"] == hashlib.sha256(BUILTIN_FILE.read_bytes()).hexdigest()
    changed = bytearray(BUILTIN_FILE.read_bytes())
    changed[-1] ^= 1
    (tmp_path / "changed").write_bytes(changed)
    monkeypatch.setattr("lstmcli.jobs.verify.BUILTIN_FILE", tmp_path / "changed")
    with pytest.raises(DataError, match="its weights were changed"):
        run("verify", "-m", "builtin")
    (tmp_path / "changed").write_bytes(changed[:1000])
    with pytest.raises(DataError, match="install lstmcli again"):
        run("verify", "-m", "builtin")


def test_other_numbers_than_recorded_are_found(capsys, monkeypatch):
    honest = verify_job.recorded_forecast
    monkeypatch.setattr(verify_job, "recorded_forecast", lambda weights: 1.001 * honest(weights))
    with pytest.raises(DataError, match="other numbers"):
        run("verify", "-m", "builtin")
    assert "not verified" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["builtin"], ["-m", "builtin"]])
def test_its_settings_are_shown_and_read_back(here, capsys, words):
    printed = printed_by(capsys, "config", "show", *words)
    (here / "own.yaml").write_text(printed)
    names = {line.partition(":")[0] for line in printed.splitlines() if line and line[0].isalpha()}
    assert names == set(untrained_names())
    with_file = printed_by(capsys, "predict", "data.csv", "-m", "builtin", "-c", "own.yaml")
    assert with_file == printed_by(capsys, "predict", "data.csv", "-m", "builtin")


def test_a_horizon_far_beyond_the_history_is_said_and_one_beyond_the_last_year_refused(here, capsys):
    run("predict", "data.csv", "-m", "builtin", "--horizon", "960", "-o", "far.csv")
    assert "horizon 960, but the series has 96 values" in capsys.readouterr().err
    assert len((here / "far.csv").read_text().splitlines()) == 961
    run("predict", "data.csv", "-m", "builtin", "--horizon", "959", "-o", "far.csv")
    assert "but the series has" not in capsys.readouterr().err
    for months_asked in (95_725, 1_000_000):  # from 2023-01 on; December of 9999 is the 95,724th
        with pytest.raises(UsageError, match=f"--horizon {months_asked}: this is beyond the year 9999"):
            run("predict", "data.csv", "-m", "builtin", "--horizon", str(months_asked))


def test_a_long_horizon_is_forecast_of_few_series_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(forecast_files, "_BLOCK_ROWS", 200)
    rows = [f"{s},{time},{s}" for s in range(5) for time in months(12)]
    (tmp_path / "data.csv").write_text("\n".join(["id,month,sales", *rows, ""]))
    told = []
    options = PredictOptions(
        (str(tmp_path / "data.csv"),), BUILTIN_FILE, ForecastOptions(100), str(tmp_path / "out.csv")
    )
    forecast_files.forecast_files(options, Screen(), progress=lambda *counts: told.append(counts))
    assert told == [(2, 5), (4, 5), (5, 5)]
