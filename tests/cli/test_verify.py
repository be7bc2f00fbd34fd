"""`lstmcli verify`: a model that is whole, and every way in which it may not be."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from builders import made_model
from safetensors.numpy import save
from warm_program import warm_program

from lstmcli.cli.app import program
from lstmcli.errors import DataError, InputMissing
from lstmcli.files.tensors import parse_json, read_header
from lstmcli.jobs.verify import check_verification, verification
from lstmcli.model_file import probe, read_model, write_model
from lstmcli.model_file.model import KEY, SEAL, as_text, seal_of
from lstmcli.network.architecture import parameters

app = program()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "m.safetensors"
    write_model(path, made_model())
    return path


def rewritten(path, change, weights=None, sealed=True):
    """The model file with its document changed in place, and with other weights if given."""
    with path.open("rb") as file:
        document = parse_json(read_header(file, path.stat().st_size).metadata[KEY])
    document.pop(SEAL)
    change(document)
    tensors = {name: np.array(w) for name, w in (weights or read_model(path).network.weights).items()}
    if sealed:
        document[SEAL] = seal_of(document, tensors)
    path.write_bytes(save(tensors, {KEY: as_text(document)}))


def document(path):
    with path.open("rb") as file:
        return json.loads(read_header(file, path.stat().st_size).metadata[KEY])


def run(*arguments):
    """Exit code of the command."""
    return app(["verify", *map(str, arguments)], standalone_mode=False) or 0


def test_a_model_as_it_was_written_is_verified(path):
    found = verification(path)
    check_verification(found)
    assert (found.verified, found.sealed, found.difference) == (True, True, 0.0)
    assert found.size == path.stat().st_size
    assert found.parameters == parameters(made_model().network.arch)


def test_every_flipped_bit_is_found(path):
    raw, whole = path.read_bytes(), document(path)
    for at in np.random.default_rng(0).integers(8, len(raw), 200):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        try:
            read_model(path)
        except DataError as error:
            assert error.kind in ("damaged-model", "foreign-model", "model-format")
        else:  # the last digit of a number that is the same number all the same
            assert document(path) == whole


def test_a_weight_that_was_changed_is_found_by_its_sum(path):
    weights = dict(read_model(path).network.weights)
    weights["members.0.head.bias"] = weights["members.0.head.bias"] + np.float32(1e-6)
    with path.open("rb") as file:
        text = read_header(file, path.stat().st_size).metadata[KEY]
    path.write_bytes(save(weights, {KEY: text}))
    with pytest.raises(DataError, match="the sum is another"):
        verification(path)


def test_a_file_without_a_sum_is_read_and_said_to_have_none(path):
    rewritten(path, lambda document: None, sealed=False)
    found = verification(path)
    assert (found.verified, found.sealed) == (True, False)
    assert "no sum" in found.notes[0]


def test_other_numbers_than_in_training_are_refused(path):
    def change(document):
        document["probe"]["forecast"][0][1] += 0.01

    rewritten(path, change)
    found = verification(path)
    assert found.difference == pytest.approx(
        0.01 / np.abs(probe(read_model(path).network).forecast).max(), rel=0.1
    )
    with pytest.raises(DataError, match="other numbers") as caught:
        check_verification(found)
    assert (caught.value.kind, caught.value.exit_code) == ("other-numbers", 65)


def test_other_versions_than_in_training_are_a_note(path):
    rewritten(path, lambda document: document["versions"].update(numpy="1.0"))
    assert f"numpy {np.__version__} is installed; the model was trained with 1.0" in verification(path).notes


def change_to(*place_and_value):
    *place, last, value = place_and_value

    def change(document):
        for part in place:
            document = document[part]
        document[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (change_to("architecture", "horizon", 10**9), "numbers in one horizon; 16,777,216 at most"),
        (change_to("architecture", "layers", 10**9), "recurrent steps over one context; 100,000 at most"),
        (change_to("architecture", "members", 10**9), "recurrent steps over one context; 100,000 at most"),
        (change_to("architecture", "hidden", 10**9), "tensor .* is "),
        (change_to("architecture", "hidden", True), r"architecture\.hidden: a whole number"),
        (change_to("architecture", "segment", 5), "the segment does not divide the context"),
        (change_to("architecture", "quantiles", [0.5, 0.1, 0.9]), "must rise and hold 0.5"),
        (change_to("architecture", "cell", "lstn"), "one of lstm, gru, rnn is needed"),
        (change_to("architecture", "extra", 1), "architecture: 'extra' is not known"),
        (change_to("shape", "season", 0), r"shape\.season: a whole number from 1"),
        (change_to("shape", "baselines", ["lag13"]), "needs a longer context"),
        (change_to("scaling", "levels", "std", 1, 0.0), r"scaling\.levels\.std\[1\]: a number from"),
        (change_to("contract", "targets", "y"), r"contract\.targets: a list is needed"),
        (change_to("contract", "past", ["wind"]), "the columns of the contract make 1"),
        (change_to("contract", "data", ["/etc/passwd"]), r"contract\.data\[0\]: a text of another form"),
        (change_to("contract", "step", "count", 10**18), "longer than time can be counted"),
        (change_to("contract", "options", "encoding", "hex"), "an encoding is needed"),
        (change_to("contract", "options", "separator", "ab"), "one character is needed"),
        (change_to("contract", "options", "resample", "1h=sin"), r"contract\.options: "),
        (change_to("contract", "time_pattern", "%999999999d"), r"contract\.time_pattern: a text of another"),
        (change_to("trust", -1.0), "trust: a number from 0"),
        (change_to("widths", [1.0]), "widths: one per quantile"),
        (change_to("probe", "context", [0.0]), r"probe\.context: not as long as the context"),
        (lambda document: document.pop("shape"), "shape: missing"),
    ],
)
def test_a_document_that_cannot_have_been_written_is_refused(path, change, said):
    rewritten(path, change)
    with pytest.raises(DataError, match=said) as caught:
        read_model(path)
    assert caught.value.kind == "damaged-model"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('\\"trust\\": 0.0', '\\"trust\\": 1e999', "trust: a number from"),
        ('\\"trust\\": 0.0', '\\"trust\\": NaN', "its JSON holds NaN"),
        ('\\"trust\\": 0.0', '\\"trust\\": 0.0, \\"trust\\": 0.0', "its JSON has a key twice"),
        ('\\"trust\\": 0.0', '\\"trust\\": ' + "[" * 200_000, "its JSON is nested too deeply"),
        ('\\"trust\\": 0.0', '\\"trust\\": ' + "9" * 5000, "its JSON is broken: a number of too many digits"),
        ('\\"cell\\": \\"lstm\\"', '\\"cell\\": \\"\\\\ud800\\"', "one of lstm"),
    ],
    ids=["infinite", "nan", "twice", "deep", "digits", "surrogate"],
)
def test_json_that_python_would_read_or_choke_on_is_refused(path, old, new, said):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = raw[8 : 8 + size].replace(old.encode(), new.encode())
    assert header != raw[8 : 8 + size]
    path.write_bytes(len(header).to_bytes(8, "little") + header + raw[8 + size :])
    with pytest.raises(DataError, match=said):
        read_model(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(path, value):
    weights = dict(read_model(path).network.weights)
    weights["members.0.embed.bias"] = np.full_like(weights["members.0.embed.bias"], value)
    rewritten(path, lambda document: None, weights)
    with pytest.raises(DataError, match=r"embed\.bias holds a number that is not finite"):
        read_model(path)


def test_the_report_is_text_or_json_on_standard_output(path, capsys):
    run("-m", path)
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.startswith(f"verified      {path}\n")
    assert "the same numbers as in training" in told.out
    run("-m", path, "--format", "json")
    found = json.loads(capsys.readouterr().out)
    assert found == {"version": 1, **asdict(verification(path)), "notes": list(verification(path).notes)}


def test_quiet_success_says_nothing(path, capsys):
    run("-m", path, "-q")
    assert capsys.readouterr() == ("", "")


def test_a_report_of_other_numbers_is_written_before_the_error(path, capsys):
    rewritten(path, change_to("probe", "forecast", 0, 1, 5.0))
    with pytest.raises(DataError, match="other numbers"):
        run("-m", path, "-q")
    assert capsys.readouterr().out.startswith("not verified")


def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("/dev/zero", tmp_path, tmp_path / "pipe", tmp_path / "loop", tmp_path / "none", "a\0b"):
        with pytest.raises(InputMissing):
            read_model(Path(name))


def test_a_damaged_file_ends_with_65_and_one_line(path, environment):
    path.write_bytes(path.read_bytes()[:-1])
    command = [warm_program(), "verify", "-m", path.name]
    done = subprocess.run(
        command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (65, "")
    assert done.stderr.startswith("lstmcli: m.safetensors: damaged model file: it has ")
    assert done.stderr.count("\n") == 1


def test_a_model_may_come_through_a_pipe_or_a_link(path):
    (path.parent / "link").symlink_to(path)
    assert read_model(path.parent / "link").sealed
    reading, writing = os.pipe()
    os.write(writing, path.read_bytes()[:60_000])
    os.close(writing)
    try:
        assert verification(path.parent / f"/dev/fd/{reading}").sha256 == verification(path).sha256
    finally:
        os.close(reading)


def test_torch_is_not_loaded(path):
    code = f"""
import sys
sys.argv = ["lstmcli", "verify", "-m", {str(path)!r}]
from lstmcli.__main__ import main
try:
    main()
finally:
    assert "torch" not in sys.modules and "safetensors" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_forecast_that_no_number_can_hold_is_refused(path):
    from builders import panel_of

    from lstmcli.forecasting.forecast import forecast_panel

    network = read_model(path).network
    scaling = replace(network.scaling, transform="log")
    weights = {name: np.array(w) * (1000 if "head" in name else 1) for name, w in network.weights.items()}
    with pytest.raises(DataError, match="beyond what numbers can hold"):
        forecast_panel(
            replace(network, scaling=scaling, weights=weights), panel_of(np.exp(np.arange(60.0) % 7)), 7
        )
