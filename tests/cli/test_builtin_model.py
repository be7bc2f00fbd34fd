"""The network that comes with the program: where it is used, what it is told, what it refuses."""

import io
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import lstmcli
from lstmcli.cli.app import program
from lstmcli.errors import InputMissing, SettingsError, UsageError

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
    assert "forecast by built-in 0.5, theta 0.28, ets 0.23 (shares)" in printed.err
    made = table(printed.out)
    assert [*made.month] == months(108)[96:]
    assert made.forecast.to_numpy() == pytest.approx(wave(108)[96:], abs=5)


def test_quiet_does_not_hide_that_the_model_is_gone(here, capsys):
    run("predict", "data.csv", "-q")
    assert capsys.readouterr().err.count("\n") == 1
    run("predict", "data.csv", "-q", "-m", "builtin")
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
    assert "promo are not used" in printed.err
    run("predict", "data.csv", "-m", "builtin")
    assert capsys.readouterr().out == printed.out


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
