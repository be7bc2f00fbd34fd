"""Model files and states of watch that are right in form, with a right sum, and absurd in content."""

import json

import crafted_models
import hostile_states
import numpy as np
import pytest
from builders import made_model
from hostile_names import HOSTILE, QUICK, table
from warm_program import warm_program

from lstmcli.cli.app import program
from lstmcli.errors import DataError, LstmcliError, SettingsError
from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.rows import ForecastRows
from lstmcli.files.tensors import TensorFileError
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.jobs.train.job import TrainRequest, run_training
from lstmcli.model_file import read_model, write_readable_model
from lstmcli.model_file.document import check_contract_values
from lstmcli.model_file.fields import DamagedDocument
from lstmcli.model_file.state_fields import MAY_HOLD, check_arrays
from lstmcli.settings.model import Settings


@pytest.mark.parametrize("number", range(len(crafted_models.ODD_REPORTS)))
def test_a_report_is_whole_or_refused(tmp_path, number):
    path = tmp_path / "m"
    odd = crafted_models.ODD_REPORTS[number]
    path.write_bytes(
        crafted_models.packed(crafted_models.plain(), crafted_models.made_contract(), {"report": odd})
    )
    try:
        model = read_model(path)
        assert model.validation.errors["model"].mae >= 0
    except DataError as error:
        assert error.kind == "damaged-model"


@pytest.mark.parametrize("levels", [60, 300])
def test_settings_in_one_another_have_an_end(tmp_path, levels):
    path, deep = tmp_path / "m", []
    for _ in range(levels):
        deep = [deep]
    raw = crafted_models.packed(
        crafted_models.plain(), crafted_models.made_contract(), {"settings": {"unknown": deep}}
    )
    path.write_bytes(raw)
    with pytest.raises(DataError, match="nested too deeply"):
        read_model(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"layers": 101, "hidden": 1}, "101 layers; 100 at most"),
        (
            {"context": 200_000, "segment": 1, "hidden": 1},
            "recurrent steps over one context; 100,000 at most",
        ),
        ({"members": 501, "hidden": 1}, "501 members; 500 at most"),
    ],
)
def test_what_takes_too_long_is_refused(tmp_path, changes, said):
    path = tmp_path / "m"
    path.write_bytes(crafted_models.packed(crafted_models.plain(**changes), crafted_models.made_contract()))
    with pytest.raises(DataError, match=said):
        read_model(path)


@pytest.mark.parametrize("weight", [3e38, -3e38])
def test_weights_that_forecast_no_numbers_are_refused(tmp_path, weight):
    path = tmp_path / "m"
    path.write_bytes(
        crafted_models.packed(
            crafted_models.filled(crafted_models.plain(), weight), crafted_models.made_contract()
        )
    )
    with pytest.raises(DataError, match="its forecasts are no numbers"):
        read_model(path)


def test_what_could_not_be_read_is_not_written(tmp_path):
    model = made_model(data=("/absolute.csv",))
    with pytest.raises(DataError, match="no model was written"):
        write_readable_model(tmp_path / "m", model)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("text", "settings", "refused"),
    [
        (table(target=HOSTILE["long"]), {}, DataError),
        (table(covariate=HOSTILE["long"]), {"past": [HOSTILE["long"]]}, DataError),
        (table(), {"missing": ["m" * 201]}, SettingsError),
        (table(), {"comment": "#" * 21}, SettingsError),
        (table(), {"quantiles": [1e-12, 0.5]}, SettingsError),
        (table(), {"layers": 200}, SettingsError),
    ],
)
def test_what_no_model_can_keep_is_refused_before_training(tmp_path, monkeypatch, text, settings, refused):
    monkeypatch.setattr("lstmcli.jobs.train.job.learn", lambda *_: pytest.fail("it was trained"))
    (tmp_path / "data.csv").write_text(text)
    request = TrainRequest([str(tmp_path / "data.csv")], lambda: Settings(**settings), tmp_path / "m")
    with pytest.raises(refused) as caught:
        run_training(request)
    assert len(str(caught.value)) < 400


def test_a_model_of_any_file_name_can_be_read(tmp_path):
    import subprocess

    (tmp_path / "a\nb.csv").write_text(table(), "latin-1")
    options = ["--set", "encoding=latin 1", *QUICK, "-q"]
    subprocess.run([warm_program(), "train", "a\nb.csv", "-m", "m", *options], cwd=tmp_path, check=True)
    model = read_model(tmp_path / "m")
    assert model.contract.data == ("a\nb.csv",) and model.contract.options.encoding == "latin 1"


@pytest.mark.parametrize("odd", [{"cell": 5}, {"steps": [[1]]}, {"horizon": -1}])
def test_stored_settings_are_checked(tmp_path, odd):
    from lstmcli.settings.stored import stored_settings

    path = tmp_path / "m"
    network = crafted_models.plain()
    path.write_bytes(crafted_models.packed(network, crafted_models.made_contract(), {"settings": odd}))
    with pytest.raises(DataError, match=f"damaged model file: settings.{next(iter(odd))}"):
        stored_settings(read_model(path).settings)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    return hostile_states.start(folder), folder


def test_changed_states_are_refused_or_go_on(started):
    found = [hostile_states.tried(started[0], seed, started[1]) for seed in range(80)]
    assert found.count("went on") > 3
    assert found.count("refused [damaged-state]") > 40


def test_a_number_that_an_array_may_not_hold_is_refused(started):
    whole, folder = started
    assert MAY_HOLD.keys() == whole.arrays.keys()
    for name, wrong in (
        ("alarms.rows", np.nan),
        ("forecasts.unit", -1e-3),
        ("forecasts.scales", np.inf),
        ("forecasts.weights", np.nan),
        ("forecasts.newest", 1e200),
        ("forecasts.counts", -1),
        ("alarms.evidence", -0.5),
        ("alarms.above", 1e38),
        ("alarms.kind", 100),
        ("gaps", -1),
        ("untold", 2),
    ):
        arrays = {key: part.copy() for key, part in whole.arrays.items()}
        arrays[name].reshape(-1)[-1] = wrong
        with pytest.raises(TensorFileError, match=f"^{name} has a number that it cannot have"):
            check_arrays(arrays)
    (folder / "state").write_bytes(hostile_states.sealed(whole.document, arrays))
    with pytest.raises(DataError, match="not a whole state of lstmcli watch \\(untold has a number"):
        hostile_states.watch(folder)


@pytest.mark.parametrize("unit", [1e-300, 1.0, 1e35])
@pytest.mark.parametrize("kind", ["constant", "noise", "jumps", "gaps"])
def test_what_watch_remembers_of_odd_series_may_be_held(unit, kind):
    rng = np.random.default_rng(1)
    values = (
        unit
        * {
            "constant": np.full((400, 2), 3.0),
            "noise": rng.normal(size=(400, 2)),
            "jumps": np.where(rng.random((400, 2)) < 0.05, 10.0 ** rng.uniform(-8, 1, (400, 2)), 1.0),
            "gaps": np.where(rng.random((400, 2)) < 0.5, np.nan, rng.normal(size=(400, 2))),
        }[kind]
    )
    forecaster, detector = OneStepForecaster(7, 14), AlarmDetector(0.01, 7)
    with np.errstate(all="ignore"):
        forecasts, made = forecaster.update(forecaster.start(2), values)
        rows = ForecastRows(values, **vars(made))
        alarms, _ = detector.update(detector.start(2), rows)
    arrays = {f"forecasts.{name}": part for name, part in forecasts.arrays.items()}
    check_arrays(arrays | {f"alarms.{name}": part for name, part in alarms.arrays.items()})


def test_an_alarm_without_a_kind_is_refused(started):
    whole, folder = started
    arrays = whole.arrays | {"alarms.on": np.ones_like(whole.arrays["alarms.on"])}
    arrays["alarms.kind"] = np.zeros_like(arrays["alarms.kind"])
    (folder / "state").write_bytes(hostile_states.sealed(whole.document, arrays))
    with pytest.raises(DataError, match="an alarm that goes on has no kind"):
        hostile_states.watch(folder)


def test_a_category_that_stands_twice_is_refused():
    contract = crafted_models.made_contract(past=("wind",), categorical=("wind", "wind"))
    with pytest.raises(DamagedDocument, match="a column twice"):
        check_contract_values(contract, 10)


def test_a_category_that_is_no_covariate_is_refused():
    with pytest.raises(DamagedDocument, match="no covariate"):
        check_contract_values(crafted_models.made_contract(categorical=("y",)), 10)


def test_a_state_that_is_not_changed_goes_on(started):
    whole, folder = started
    (folder / "state").write_bytes(hostile_states.sealed(whole.document, whole.arrays))
    hostile_states.watch(folder)


@pytest.mark.slow
def test_many_changed_states(started):
    for seed in range(1000, 5000):
        try:
            hostile_states.tried(started[0], seed, started[1])
        except LstmcliError:
            raise
        except BaseException as error:
            raise AssertionError(f"seed {seed}") from error


def test_the_document_of_a_crafted_model_is_one_of_ours(tmp_path):
    """Or the tests above would be of something else."""
    path = tmp_path / "m"
    path.write_bytes(crafted_models.packed(crafted_models.plain(), crafted_models.made_contract()))
    assert json.dumps(read_model(path).report) == json.dumps(crafted_models.report())


@pytest.mark.parametrize(
    ("changes", "weight", "words", "said"),
    [
        ({}, 1e30, ["inspect-gates"], "m: its weights are beyond 1e+06"),
        (
            {"report": {}},
            0.0,
            ["predict", "--html", "p.html", "-o", "out"],
            "m: the model file has no report",
        ),
    ],
)
def test_a_model_that_is_refused_after_it_was_read_is_named(
    tmp_path, monkeypatch, changes, weight, words, said
):
    monkeypatch.chdir(tmp_path)
    zeros = crafted_models.filled(crafted_models.plain(), 0.0).weights
    weights = {k: np.where(np.arange(w.size).reshape(w.shape) % 2, weight, w) for k, w in zeros.items()}
    contract = crafted_models.made_contract()
    (tmp_path / "data.csv").write_text(crafted_models.table(contract))
    (tmp_path / "m").write_bytes(
        crafted_models.packed(crafted_models.plain(), contract, changes, weights=weights)
    )
    with pytest.raises(DataError) as caught:
        program()([words[0], "data.csv", "-m", "m", *words[1:]], standalone_mode=False)
    assert str(caught.value).startswith(said)
    assert caught.value.path == "m"


@pytest.mark.parametrize("words", ["train", "train --dry-run", "tune --trials 1", "backtest"])
def test_a_file_with_too_few_values_is_named(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    rows = [f"2024-01-{day:02},{day % 3}" for day in range(1, 13)]
    (tmp_path / "data.csv").write_text("\n".join(["time,y", *rows, ""]))
    with pytest.raises(DataError, match=r"^data\.csv: not enough data") as caught:
        program()([*words.split(), "data.csv", "--horizon", "100"], standalone_mode=False)
    assert (caught.value.kind, caught.value.path) == ("short-history", "data.csv")
