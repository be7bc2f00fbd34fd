"""`lstmcli config` as a shell sees it."""

import json
import subprocess
import sys

import pytest
from warm_program import warm_program

from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings


@pytest.fixture
def run(tmp_path, environment):
    def make(*arguments, program=(), **variables):
        return subprocess.run(
            [*(program or [warm_program()]), *map(str, arguments)],
            cwd=tmp_path,
            env={**environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return make


def test_the_defaults_are_a_file_of_settings(run, tmp_path):
    done = run("config", "defaults")
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "all.yaml").write_text(done.stdout)
    assert load_settings(tmp_path / "all.yaml", {}) == Settings()
    done = run("config", "check", "all.yaml", LSTMCLI_HORIZON="wrong")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"all.yaml: {len(Settings.model_fields)} settings, fine\n"
    assert run("config", "check", "all.yaml", "-q").stderr == ""


def test_the_settings_of_a_model_train_it_again_byte_by_byte(run, trained, tmp_path):
    (tmp_path / "hourly.csv").write_bytes(trained.data.read_bytes())
    done = run("config", "show", trained.model)
    assert (done.returncode, done.stderr) == (0, "")
    assert "hourly.csv" in done.stdout.splitlines()[0]
    assert '# found: ["y"]\ntarget: auto\n' in done.stdout
    assert "\nhorizon: 24\n" in done.stdout
    assert run("config", "show", "-m", trained.model).stdout == done.stdout
    assert run("config", "show", LSTMCLI_MODEL=str(trained.model)).stdout == done.stdout
    (tmp_path / "same.yaml").write_text(done.stdout)
    # Begun as the other was: the last bits depend on what else is loaded.
    again = run("train", "hourly.csv", "-c", "same.yaml", "-q", program=[sys.executable, "-m", "lstmcli"])
    assert (again.returncode, again.stderr) == (0, "")
    assert (tmp_path / "model.safetensors").read_bytes() == trained.model.read_bytes()


def test_the_schema_is_json(run, tmp_path):
    done = run("config", "schema", "-o", "schema.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    made = json.loads((tmp_path / "schema.json").read_text())
    assert set(made["properties"]) == set(Settings.model_fields)


def test_all_that_is_wrong_with_a_file_is_told_with_its_line(run, tmp_path):
    (tmp_path / "bad.yaml").write_text("cell: gru\nhorizn: 3\n\nlayers: 0\n")
    done = run("config", "check", "bad.yaml")
    assert (done.returncode, done.stdout) == (78, "")
    lines = sorted(done.stderr.splitlines())
    assert lines[0] == "lstmcli: bad.yaml:2: unknown setting 'horizn'. Did you mean 'horizon'?"
    assert lines[1] == "lstmcli: bad.yaml:4: layers must be a whole number from 1 to 1,000 (found 0)"
    assert len(lines) == 2


def test_what_is_not_there_gives_66_and_no_word_gives_2(run):
    assert run("config", "check", "none.yaml").returncode == 66
    assert run("config", "show", "none.safetensors").returncode == 66
    done = run("config")
    assert (done.returncode, done.stdout) == (2, "")
    assert "defaults" in done.stderr
