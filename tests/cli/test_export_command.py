"""`lstmcli export` as a user runs it, with a model trained by the command line."""

import csv
import io
import subprocess
import sys

import numpy as np
import pytest
from warm_program import warm_program

MODULES = ["onnx", "onnxruntime"]


@pytest.fixture(scope="module")
def alone(tmp_path_factory, environment, trained):
    """A model of the shared data whose forecast is that of the network alone."""
    model = tmp_path_factory.mktemp("alone") / "model.safetensors"
    settings = ("steps=20", "hidden=8", "processes=1", "mix=network")
    words = [word for setting in settings for word in ("--set", setting)]
    command = [warm_program(), "train", trained.data, "-m", model, "-q", *words]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return trained._replace(model=model)


@pytest.fixture
def export(tmp_path, environment, alone):
    """Runs `lstmcli export` in an empty folder; `before` is Python that is run first."""

    def make(*arguments, before="", model=alone.model):
        program = f"import sys; {before}\nfrom lstmcli.__main__ import main; main()"
        return subprocess.run(
            [sys.executable, "-c", program, "export", *map(str, arguments), "-m", str(model)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return make


@pytest.fixture
def needs_onnx():
    for module in MODULES:
        pytest.importorskip(module)


@pytest.mark.usefixtures("needs_onnx")
def test_the_file_forecasts_as_predict_does(export, tmp_path, environment, alone):
    import onnxruntime

    done = export("m.onnx")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "inputs      values (series, length)\n" in done.stderr
    assert f"wrote       m.onnx ({(tmp_path / 'm.onnx').stat().st_size:,} bytes)" in done.stderr
    values = np.loadtxt(alone.data, delimiter=",", skiprows=1, usecols=1)[None]
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    (quantiles,) = session.run(["quantiles"], {"values": values})
    predicted = subprocess.run(
        [warm_program(), "predict", alone.data, "-m", alone.model, "-q"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = list(csv.reader(io.StringIO(predicted.stdout)))
    ours = np.array([row[2:] for row in rows[1:]], float)
    assert quantiles.shape == (1, *ours.shape)
    assert quantiles[0] == pytest.approx(ours, rel=1e-5)


@pytest.mark.usefixtures("needs_onnx")
def test_twice_gives_the_same_bytes_and_quiet_says_nothing(export, tmp_path):
    for name in ("a.onnx", "b.onnx"):
        done = export(name, "-q")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.onnx", "b.onnx"]


@pytest.mark.usefixtures("needs_onnx")
def test_a_graph_that_differs_leaves_the_old_file(export, tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"\x08old")
    done = export("m.onnx", before="import lstmcli.model_file.onnx.export as c; c.ONNX_TOLERANCE = 0.0")
    assert done.returncode == 1
    assert "differs from the model by" in done.stderr
    assert (tmp_path / "m.onnx").read_bytes() == b"\x08old"


@pytest.mark.usefixtures("needs_onnx")
def test_torch_and_pandas_are_not_loaded(export):
    before = "sys.modules['torch'] = sys.modules['pandas'] = None"
    assert export("m.onnx", before=before).returncode == 0


@pytest.mark.parametrize("module", MODULES)
def test_a_missing_package_is_named_with_its_remedy(export, tmp_path, module):
    if module == "onnx":
        pytest.importorskip("onnxruntime")
    done = export("m.onnx", before=f"sys.modules[{module!r}] = None")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line == f'lstmcli: export needs the package {module}; install it with: pip install "lstmcli[onnx]"'
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_refused_at_once(export, tmp_path):
    for name, code, said in (
        ("m.pt", 2, "m.pt: export writes ONNX files: name it m.onnx"),
        ("-", 2, "-: export writes ONNX files: name it model.onnx"),
        ("no/m.onnx", 73, "no/m.onnx: cannot be written: there is no folder no"),
    ):
        done = export(name)
        assert (done.returncode, done.stderr) == (code, f"lstmcli: {said}\n")
    assert export("m.onnx", model=tmp_path / "none.safetensors").returncode == 66
