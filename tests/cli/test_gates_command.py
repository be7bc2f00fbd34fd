"""`lstmcli inspect-gates` as a whole: what it prints and writes, and how it ends."""

import csv
import json
import os
import shlex
import subprocess
import sys

import pytest

from lstmcli.cli.commands.inspect_gates import inspect_gates
from lstmcli.errors import CannotCreate, ConditionFailed, LstmcliError, UsageError
from lstmcli.gates import report
from lstmcli.gates.identities import Identity
from lstmcli.settings.model import Settings
from lstmcli.settings.typed_again import USUAL, options_of_model

AT, LATER = "2024-01-15 11:00", "2024-01-16 00:00"
FILES = [
    "ablation.csv",
    "contributions.csv",
    "gradient_by_lag.csv",
    "summary.json",
    "trace.csv",
    "units.csv",
]


@pytest.fixture
def inspect(trained, monkeypatch, capsys):
    """Inspects the trained model; gives what was printed."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # the command sets it; this takes it back

    def make(**options):
        inspect_gates([str(trained.data)], trained.model, **options)
        return capsys.readouterr().out

    return make


def test_the_report_has_its_sections_in_order(inspect):
    text = inspect()
    starts = (
        "the network has ",
        "LSTM, 1 x 8 units",
        "equations",
        "layer gate",
        "memory: ",
        "by lag: ",
        "use: ",
        "checked",
    )
    places = [text.index(start) for start in (*starts, "findings")]
    assert places == sorted(places)
    assert places[0] == 0
    assert "f = sigmoid(Wxf x + Whf h + bf)" in text
    assert "one step reads 24 values: 1 day" in text
    *lines, command = text.splitlines()
    assert max(map(len, lines)) <= 79
    assert shlex.split(command)[-4:] == ["--set", "segment=1", "-m", "one_value.safetensors"]


def test_the_command_for_one_value_a_step_keeps_what_was_chosen_for_the_model():
    settings = Settings(future=("promo",), cell="gru", horizon=31, quantiles=(0.1, 0.5, 0.9), members=2)
    decided = {"context": 54, "segment": 6, "season": 6, "hidden": 64, "steps": 254, "transform": "log"}
    decided |= {"baseline": ["none"], "validation": 4, "refit": True, "location": "mean", "calendar": False}
    stored = json.loads(json.dumps(settings.model_dump())) | decided
    words = options_of_model(stored, 14)
    assert words[:2] == ["--horizon", "31"]
    assert sorted(words[3::2]) == ["cell=gru", "future=promo", "members=2", "quantiles=[0.1, 0.5, 0.9]"]
    assert options_of_model(stored | {"horizon": 14}, 14) == words[2:]
    defaults = json.loads(json.dumps(Settings().model_dump()))
    left = {*decided, "horizon", "steps", "device", "processes", "precision"}
    assert {name: value for name, value in defaults.items() if name not in left} == USUAL


def test_a_folder_holds_the_summary_and_every_table(inspect, tmp_path):
    folder = tmp_path / "new" / "folder"
    printed = inspect(out=folder, form="json")
    assert sorted(os.listdir(folder)) == FILES
    assert (folder / "summary.json").read_text() == printed
    with open(folder / "units.csv") as file:
        units = list(csv.DictReader(file))
    document = json.loads(printed)
    assert [float(row["half_life_steps"]) for row in units] == document["memory"][0]["half_life_steps"]
    with open(folder / "gradient_by_lag.csv") as file:
        lags = list(csv.DictReader(file))
    assert [float(row["dL_dc"]) for row in lags] == document["gradient"][0]["c"]
    assert lags[0]["tanh_factor"] == ""
    with open(folder / "trace.csv") as file:
        assert len(list(csv.DictReader(file))) == document["steps"] * 8


def test_a_folder_that_cannot_be_made_is_an_error(inspect, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotCreate, match="file"):
        inspect(out=tmp_path / "file" / "folder")


def test_a_condition_that_holds_fails_after_the_report(inspect, tmp_path, capsys):
    with pytest.raises(ConditionFailed, match="use = "):
        inspect(fail_on="use > 0", out=tmp_path)
    assert "findings" in capsys.readouterr().out
    assert sorted(os.listdir(tmp_path)) == FILES
    assert "findings" in inspect(fail_on="use < 0")


def test_a_condition_is_read_before_the_work(inspect, trained, capsys):
    with pytest.raises(UsageError, match=r"figure 'half_live'\. Did you mean 'half_life'"):
        inspect_gates("no-such-file.csv", trained.model.with_name("none"), fail_on="half_live < 3")
    assert capsys.readouterr().out == ""


def test_the_drift_since_a_baseline_is_shown(inspect, tmp_path):
    inspect(out=tmp_path)
    path = tmp_path / "summary.json"
    document = json.loads(path.read_text())
    document["figures"]["forget"] -= 0.25
    path.write_text(json.dumps(document))
    (line,) = [line for line in inspect(baseline=path).splitlines() if line.startswith("  forget  ")]
    assert line.split()[-1] == "+0.25"


def test_one_forecast_is_explained(inspect):
    text = inspect(at="2024-01-15 11:00")
    assert "with values up to 2024-01-15 11:00:00" in text
    assert "layer 1, forget gate f" in text
    assert "still holds" in text
    document = json.loads(inspect(at="2024-01-15 11:00", form="json"))
    assert document["window"]["times"][-1] == "2024-01-15 11:00:00"


def test_a_series_is_for_a_time_or_a_page(inspect):
    with pytest.raises(UsageError, match="give one of these too"):
        inspect(series=["a"])
    with pytest.raises(UsageError, match="one --series, not of 2"):
        inspect(series=["a", "b"], at="2024-01-15 11:00")
    with pytest.raises(UsageError, match="12 series at most, not 13"):
        inspect(series=["a"] * 13, html="p.html")


def test_beside_a_page_the_folder_has_the_trace_of_its_windows(inspect, tmp_path):
    inspect(out=tmp_path / "gates", html=str(tmp_path / "gates.html"))
    assert sorted(os.listdir(tmp_path / "gates")) == sorted([*FILES, "explorer.csv"])
    with open(tmp_path / "gates" / "explorer.csv") as file:
        rows = list(csv.DictReader(file))
    with open(tmp_path / "gates" / "trace.csv") as file:
        last = list(csv.DictReader(file))
    for row, same in zip(rows[-len(last) :], last, strict=True):
        assert (row["time"], row["step"], row["unit"]) == (same["time"], same["step"], same["unit"])
        assert float(row["hidden_state"]) == pytest.approx(float(same["hidden_state"]))
    text = (tmp_path / "gates.html").read_text()
    assert f"The page holds {len({row['origin'] for row in rows})} windows of 1 series." in text


def test_figures_that_contradict_each_other_end_with_1_and_the_numbers(inspect, monkeypatch, capsys):
    wrong = (Identity("contributions", "they add up", 0.25, 1e-9),)
    monkeypatch.setattr(report, "identities", lambda *_: wrong)
    with pytest.raises(LstmcliError, match=r"contributions: 0\.25, 1e-09 is allowed") as caught:
        inspect()
    assert caught.value.exit_code == 1
    assert "they add up: 2.5e-01  FAILS" in capsys.readouterr().out


@pytest.mark.parametrize(("encoding", "ascii_only"), [("utf-8", False), ("latin-1", True)])
def test_blocks_are_drawn_where_the_stream_can_show_them(trained, environment, encoding, ascii_only):
    done = subprocess.run(
        [sys.executable, "-m", "lstmcli", "inspect-gates", "-m", trained.model, "--fail-on", "forget < 1"],
        env={**environment, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert b"--fail-on 'forget < 1': forget = 0." in done.stderr
    assert done.stdout.isascii() == ascii_only


def test_a_picture_is_a_file_or_a_folder_of_each(inspect, tmp_path):
    inspect(plot=str(tmp_path / "all.png"))
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    for name, ending, begins in (("each/", "png", b"\x89PNG"), ("drawn/.svg", "svg", b"<?xml")):
        inspect(plot=f"{tmp_path}/new/{name}", at="2024-01-16 00:00")
        folder = tmp_path / "new" / name.partition("/")[0]
        stems = ("window", "memory_gates_over_time", "gradient_by_lag")
        assert {f"{stem}.{ending}" for stem in stems} <= set(os.listdir(folder))
        assert all(file.read_bytes().startswith(begins) for file in folder.iterdir())


def test_a_page_holds_every_picture_and_the_findings(inspect, tmp_path):
    document = json.loads(inspect(html=str(tmp_path / "page.html"), form="json"))
    page = (tmp_path / "page.html").read_text()
    assert page.count('<div class="picture"><svg') == 7
    assert all(f"<code>{finding['id']}</code>" in page for finding in document["findings"])


def test_a_page_in_a_missing_folder_is_an_error(inspect, tmp_path):
    with pytest.raises(CannotCreate):
        inspect(html=str(tmp_path / "none" / "page.html"))
    assert os.listdir(tmp_path) == []


def test_an_old_name_of_a_figure_is_read_with_a_note(trained, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    inspect_gates([str(trained.data)], trained.model, out=tmp_path, fail_on="keep > 2")
    note = "note: --fail-on 'keep > 2': the figure 'keep' is now called 'forget'"
    assert note in " ".join(capsys.readouterr().err.split())
    path = tmp_path / "summary.json"
    document = json.loads(path.read_text())
    document["version"], document["figures"]["keep"] = 2, document["figures"].pop("forget")
    path.write_text(json.dumps(document))
    inspect_gates([str(trained.data)], trained.model, baseline=path)
    printed = capsys.readouterr()
    assert "is of version 2: the figure 'keep' is now called 'forget'" in " ".join(printed.err.split())
    (line,) = [line for line in printed.out.splitlines() if line.startswith("  forget  ")]
    assert line.split()[-1] == "+0"


def test_the_picture_of_a_moment_shows_that_forecast_in_the_form_of_its_ending(inspect, tmp_path):
    text, whole, other = tmp_path / "a.svg", tmp_path / "b.svg", tmp_path / "c.svg"
    inspect(plot=str(whole), windows=20)
    inspect(plot=str(text), at=AT, windows=20)
    inspect(plot=str(other), at=LATER, windows=20)
    assert all(path.read_text().lstrip().startswith("<?xml") for path in (text, whole, other))
    assert "The forecast after" in text.read_text()
    assert "The forecast after" not in whole.read_text()
    assert text.read_text() != other.read_text()


def test_the_trace_of_a_moment_is_of_its_window(inspect, tmp_path):
    ends = {}
    for name, options in {"last": {}, "moment": {"at": AT}}.items():
        inspect(trace=str(tmp_path / f"{name}.csv"), windows=20, **options)
        with open(tmp_path / f"{name}.csv") as file:
            rows = list(csv.DictReader(file))
        ends[name] = (len(rows), rows[-1]["time"])
    assert ends["moment"][0] == ends["last"][0]
    assert ends["moment"][1] < ends["last"][1]
    assert ends["moment"][1] <= AT


def test_settings_that_a_model_does_not_hold_are_not_typed_again():
    assert options_of_model({}, 24) == []
    assert options_of_model({"horizon": 12, "step": 5}, 24) == ["--horizon", "12", "--step", "5"]
