"""The model file: what is written is read back; anything else is a clear error."""

import json
import os
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import ARCH, change_contract, made_model

from lstmcli.errors import CannotCreate, DataError, InputMissing
from lstmcli.evaluation.window_errors import WindowErrors
from lstmcli.model_file import data_paths, read_model, relative_data_paths, unfollowed_note, write_model
from lstmcli.model_file.document import error_fields
from lstmcli.model_file.fields import DamagedDocument
from lstmcli.network.architecture import Blend
from lstmcli.series.calendar import HOUR, Step
from lstmcli.settings.reading import ReadOptions


def test_a_model_is_read_back_as_it_was_written(tmp_path):
    path, model = tmp_path / "m.safetensors", made_model()
    network = replace(model.network, blend=Blend("last", 0.25), error_power=2.0)
    model = replace(model, network=network)
    write_model(path, model)
    back = read_model(path)
    assert (back.network.blend, back.network.error_power) == (Blend("last", 0.25), 2.0)
    assert back.contract == model.contract
    assert back.settings == model.settings
    assert (back.network.arch, back.network.shape) == (model.network.arch, model.network.shape)
    assert back.network.scaling == model.network.scaling
    for name, weight in model.network.weights.items():
        assert np.array_equal(back.network.weights[name], weight)


OFFICE = Step("open", HOUR, slots="9-15 33-39 57-63 81-87 105-111")


def model_with_errors(windows=3):
    standardised = np.linspace(-2, 2, 7 * windows, dtype=np.float16).reshape(windows, 7)
    standardised[0, 4] = np.nan
    places = np.stack([np.zeros(windows), np.arange(windows)], axis=1).astype(np.int32)
    return replace(made_model(), errors=WindowErrors(standardised, places))


def test_validation_errors_are_read_back(tmp_path):
    model = model_with_errors()
    write_model(tmp_path / "m", model)
    read = read_model(tmp_path / "m").errors
    np.testing.assert_array_equal(read.standardised, model.errors.standardised)
    np.testing.assert_array_equal(read.places, model.errors.places)


@pytest.mark.parametrize("windows", [0, 1001, True, None, "3"])
def test_a_wrong_number_of_errors_is_refused(windows):
    with pytest.raises(DamagedDocument, match=r"errors\.windows"):
        error_fields({"errors": {"windows": windows}})


def test_a_place_below_zero_is_refused(tmp_path):
    model = model_with_errors()
    model.errors.places[0, 0] = -1
    write_model(tmp_path / "m", model)
    with pytest.raises(DataError, match="below 0"):
        read_model(tmp_path / "m")


def test_open_times_are_read_back(tmp_path):
    path, model = tmp_path / "m.safetensors", made_model()
    zoned = replace(OFFICE, zone="Europe/Berlin")
    contract = change_contract(model.contract, step=zoned, options=ReadOptions(timezone="Europe/Berlin"))
    write_model(path, replace(model, contract=contract))
    back = read_model(path)
    assert back.contract.step == zoned
    assert back.contract == contract


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"slots": ""}, "contract.step.slots: '' names no slots"),
        ({"slots": "0-167"}, "some be closed"),
        ({"slots": "5 3"}, "slots must rise"),
        ({"slots": "9-15 200"}, "'200' names no slots of a week of 168"),
        ({"slots": "x"}, "contract.step.slots"),
        ({"count": 7 * HOUR}, "fit into a day"),
        ({"zone": "Europe/Berlin"}, "not the time zone of the options"),
        ({"kind": "fixed"}, "only a step of open times has slots"),
    ],
)
def test_damaged_open_times_are_told(tmp_path, step, said):
    path, model = tmp_path / "m.safetensors", made_model()
    contract = change_contract(model.contract, step=replace(OFFICE, **step))
    write_model(path, replace(model, contract=contract))
    with pytest.raises(DataError) as caught:
        read_model(path)
    assert said in str(caught.value)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_model(tmp_path / name, made_model())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_document_can_be_read_without_the_program(tmp_path):
    path = tmp_path / "m.safetensors"
    write_model(path, made_model())
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    document = json.loads(json.loads(raw[8 : 8 + size])["__metadata__"]["lstmcli"])
    assert document["format"] == 4
    assert len(document["probe"]["context"]) == ARCH.context
    assert np.shape(document["probe"]["forecast"]) == (ARCH.horizon, len(ARCH.quantiles))
    assert "data.csv" in document["contract"]["data"]


@pytest.mark.parametrize("length", [0, 4, 8, 100, -1])
def test_a_file_cut_short_is_no_model(tmp_path, length):
    path = tmp_path / "m.safetensors"
    write_model(path, made_model())
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DataError):
        read_model(path)


def test_a_foreign_file_is_no_model(tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"time,y\n2024-01-01,1\n" * 50)
    with pytest.raises(DataError, match="not a model file"):
        read_model(path)


def test_a_header_that_claims_to_be_huge_is_refused_unread(tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(struct.pack("<Q", 2**62) + b"{}")
    with pytest.raises(DataError, match="not a model file"):
        read_model(path)


def test_a_model_of_another_format_is_named(tmp_path, monkeypatch):
    path = tmp_path / "m.safetensors"
    monkeypatch.setattr("lstmcli.model_file.write.MODEL_FORMAT", 99)
    write_model(path, made_model())
    monkeypatch.undo()
    with pytest.raises(DataError, match="format 99; this version reads 3 and 4"):
        read_model(path)


@pytest.mark.parametrize("spoiled", [np.zeros((2, 2), np.float32), np.array([np.nan], np.float32)])
def test_weights_of_another_shape_or_not_finite_are_refused(tmp_path, spoiled):
    model, path = made_model(), tmp_path / "m.safetensors"
    write_model(path, model)
    weights = dict(model.network.weights)
    raw = path.read_bytes()
    from safetensors.numpy import load, save

    (size,) = struct.unpack("<Q", raw[:8])
    text = json.loads(raw[8 : 8 + size])["__metadata__"]
    path.write_bytes(save(load(raw) | {"members.0.head.bias": spoiled}, text))
    assert weights["members.0.head.bias"].shape != spoiled.shape
    with pytest.raises(DataError, match=r"head\.bias"):
        read_model(path)


def test_a_missing_model_says_how_to_make_one(tmp_path):
    with pytest.raises(InputMissing, match="lstmcli train DATA"):
        read_model(tmp_path / "none.safetensors")


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path):
    with pytest.raises(CannotCreate):
        write_model(tmp_path / "no" / "m.safetensors", made_model())


def recorded_model(folder: Path, *recorded: str) -> Path:
    """The file of a model that says it was trained on these files."""
    path = folder / "m.safetensors"
    write_model(path, made_model(recorded))
    return path


def test_training_data_is_found_again_after_both_moved(tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "data").mkdir(parents=True)
    data = here / "data" / "x.csv"
    data.write_text("time,y\n")
    recorded = relative_data_paths([str(data)], here / "m.safetensors")
    assert recorded == ("data/x.csv",)
    recorded_model(here, *recorded)
    here.rename(there)
    monkeypatch.chdir(tmp_path)
    moved = there / "m.safetensors"
    assert data_paths(read_model(moved), moved) == ["there/data/x.csv"]
    (there / "data" / "x.csv").unlink()
    with pytest.raises(InputMissing, match=r"no longer at 'data/x\.csv'"):
        data_paths(read_model(moved), moved)


def test_training_data_outside_the_folder_is_shown_with_the_command_that_reads_it(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "my data.csv").write_text("time,y\n")
    path = recorded_model(tmp_path / "models", "../my data.csv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as told:
        data_paths(read_model(path), Path("models/m.safetensors"), "watch")
    assert told.value.kind == "unnamed-data"
    assert "'../my data.csv' is outside the folder of the model" in str(told.value)
    assert str(told.value).endswith("lstmcli watch 'my data.csv' -m models/m.safetensors")
    assert "lstmcli predict 'my data.csv'" in unfollowed_note(("../my data.csv",), path)


@pytest.mark.parametrize(
    ("recorded", "why"),
    [
        (["/dev/zero"], "outside"),
        (["../../../../../../../../proc/kmsg"], "outside"),
        (["link.csv"], "outside"),
        (["linked/hosts"], "outside"),
        (["l*/host*"], "outside"),
        (["pipe"], "no regular file"),
        (["p*"], "no regular file"),
        (["."], "no regular file"),
        (["empty.csv"], "is empty"),
        (["**"], "any number of folders deep"),
        (["/**"], "outside"),
        (["a/../**/x"], "any number of folders deep"),
        (["many/*"], "more than 1,000 files"),
        (["x.csv"] * 1001, "more than 1,000 files"),
        (["many/*", "x.csv"], "more than 1,000 files"),
    ],
)
def test_what_a_model_from_elsewhere_names_is_not_opened(tmp_path, monkeypatch, recorded, why):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link.csv").symlink_to("/etc/hosts")
    (tmp_path / "linked").symlink_to("/etc")
    (tmp_path / "x.csv").write_text("time,y\n")
    if "many/*" in recorded:
        (tmp_path / "many").mkdir()
        for number in range(1000 if "x.csv" in recorded else 1001):
            os.link(tmp_path / "x.csv", tmp_path / "many" / str(number))
    (tmp_path / "empty.csv").touch()
    path = recorded_model(tmp_path, *recorded)
    monkeypatch.setattr("builtins.open", None)  # nothing is opened
    with pytest.raises(DataError, match=why) as told:
        data_paths(made_model(tuple(recorded)), path)
    assert told.value.kind == "unnamed-data"


def test_a_pattern_below_the_folder_is_followed_in_order(tmp_path, monkeypatch):
    for name in ("b/x.csv", "a/x.csv", "a/.x.csv", "a/y.txt", "c.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("time,y\n")
    path = recorded_model(tmp_path, "*/*.csv", "c.csv")
    monkeypatch.chdir(tmp_path)
    assert data_paths(read_model(path), path) == ["a/x.csv", "b/x.csv", "c.csv"]
    assert unfollowed_note(("*/*.csv",), path) == ""


def test_a_pattern_looks_at_a_bounded_number_of_names(tmp_path, monkeypatch):
    path = recorded_model(tmp_path, "*/*/*/*")
    monkeypatch.setattr("lstmcli.model_file.sources._MOST_LOOKED_AT", 30)
    for number in range(31):
        (tmp_path / str(number)).touch()
    with pytest.raises(DataError, match="among more than 30 files"):
        data_paths(read_model(path), path)


def test_signs_of_a_terminal_in_a_recorded_path_are_not_shown_as_they_are(tmp_path):
    path = recorded_model(tmp_path, "../\x1b]0;x\x07\u202e.csv")
    with pytest.raises(DataError) as told:
        data_paths(read_model(path), path)
    assert str(told.value).isprintable()
    assert str(told.value).endswith("lstmcli predict DATA -m MODEL")


def test_a_model_trained_on_standard_input_asks_for_data(tmp_path):
    path = tmp_path / "m.safetensors"
    model = made_model()
    write_model(path, replace(model, contract=replace(model.contract, data=relative_data_paths(["-"], path))))
    with pytest.raises(InputMissing, match="standard input"):
        data_paths(read_model(path), path)
