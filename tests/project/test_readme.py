"""What the README promises: every command runs, every table is true."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lstmcli import errors
from lstmcli.settings.model import Settings, load_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks():
    """Commands of the README in order, without the two that install."""
    found = re.findall(r"(<!-- [a-z ]+ -->\n)?```sh\n(.*?)```", README, re.DOTALL)
    return [text for marker, text in found if not marker][1:]  # the first shows the three commands


QUICK = {"LSTMCLI_MEMBERS": "1", "LSTMCLI_REFIT": "false"}  # where only that a command runs is looked at


def run_in(folder, command, **variables):
    """Runs shell lines where `lstmcli` is this one."""
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    script = tools / "lstmcli"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lstmcli "$@"\n')
    script.chmod(0o755)
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the sample data and a model of the sample temperatures."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "sample_data", folder / "sample_data")
    command = "lstmcli train sample_data/temperature.csv --set steps=20 -m model.safetensors"
    done = run_in(folder, command, **QUICK)
    assert done.returncode == 0, done.stderr
    shutil.copy(folder / "model.safetensors", folder / "kept.safetensors")
    return folder


@pytest.mark.parametrize("command", blocks())
def test_every_command_runs(folder, command):
    shutil.copy(folder / "kept.safetensors", folder / "model.safetensors")
    done = run_in(folder, command, **QUICK)
    assert done.returncode == 0, done.stderr
    assert "failed with" not in done.stdout


def test_an_exported_model_runs_as_the_snippet_shows(folder):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    shutil.copy(folder / "kept.safetensors", folder / "model.safetensors")
    (command,) = re.findall(r"<!-- onnx -->\n```sh\n(.*?)```", README, re.DOTALL)
    (snippet,) = re.findall(r"<!-- onnx code -->\n```python\n(.*?)```", README, re.DOTALL)
    (folder / "snippet.py").write_text(snippet)
    done = run_in(folder, f"{command}{shlex.quote(sys.executable)} snippet.py\nlstmcli predict -q")
    assert done.returncode == 0, done.stderr
    printed, forecasts = done.stdout.split("time,forecast,")
    levels, made = (
        [float(n) for n in text.split()]
        for text in re.findall(r"\[(.*?)\]", printed.replace(",", ""), re.DOTALL)
    )
    header, first = forecasts.splitlines()[:2]
    assert [f"q{level:g}" for level in levels] == header.split(",")
    assert made == pytest.approx([float(n) for n in first.split(",")[2:]], rel=1e-5)


def test_the_main_job_is_the_one_of_the_session(folder):
    (command,) = re.findall(r"<!-- main job -->\n```sh\n(.*?)```", README, re.DOTALL)
    job = command.replace(".venv/bin/", "").split(" && ", 2)[2]
    quick = job.replace("temperature.csv", "temperature.csv --set steps=20")
    done = run_in(folder, quick)
    assert done.returncode == 0, done.stderr
    for picture in ("forecast.png", "gates.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_there_are_commands_of_every_kind():
    text = "".join(blocks())
    for word in ("train", "predict", "inspect-gates", "-c ", "--set", "--trace", "--plot", "--format"):
        assert word in text


@pytest.mark.parametrize("path", sorted((ROOT / "sample_data").glob("*.yaml")), ids=lambda p: p.name)
def test_shipped_settings_train_as_their_comment_says(folder, path):
    (command,) = re.findall(r"# Run with: (.*)", path.read_text())
    done = run_in(folder, f"{command} -m {path.stem}.safetensors --set steps=20")
    assert done.returncode == 0, done.stderr
    named = load_settings(path, {}).model_dump(exclude_unset=True)
    assert f"{named['cell'].upper()}, " in done.stderr
    assert f"forecasts {named['horizon']}" in done.stderr


def test_the_table_of_exit_codes_is_that_of_the_program():
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    tree = {e.exit_code for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)}
    assert table == tree | {0}


def test_the_tables_of_identifiers_are_those_of_the_program():
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", README, re.MULTILINE)
    names = {*errors.DATA_ERRORS, *errors.DATA_NOTES}
    rows = [row for row in rows if row[0] in names]
    assert rows == [*errors.DATA_ERRORS.items(), *errors.DATA_NOTES.items()]


def test_the_report_of_check_is_the_one_shown(folder):
    (shown,) = re.findall(r"<!-- check -->\n\n```console\n(.*?)```", README, re.DOTALL)
    for part in shown.split("$ ")[1:]:
        command, _, said = part.partition("\n")
        done = run_in(folder, f"{command} || true")
        # Time and memory depend on the number of cores.
        kept = [
            line for line in said.strip().splitlines() if "training" not in line and "estimates" not in line
        ]
        assert set(kept) <= set(done.stdout.splitlines())


def test_every_setting_has_a_description():
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_links_and_pictures_are_there():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target
