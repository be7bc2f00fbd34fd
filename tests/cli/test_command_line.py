"""The program as a shell sees it: exit codes, the two outputs, pipes, and what is loaded."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from warm_program import warm_program

from lstmcli._version import __version__

PROGRAM = [sys.executable, "-m", "lstmcli"]
MISSING = "; where it stands for a missing value: --set missing="

# Runs the command line of its arguments and says on standard error which modules that loaded.
LISTING = """
import sys
from lstmcli.__main__ import main
sys.argv[0] = "lstmcli"
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.fixture
def run(tmp_path, environment):
    """Runs the program in an empty folder."""

    def make(*arguments, program=(), text=None, **variables):
        return subprocess.run(
            [*(program or [warm_program()]), *map(str, arguments)],
            cwd=tmp_path,
            env={**environment, **variables},
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return make


@pytest.fixture
def predict(run, trained):
    """Runs `lstmcli predict` with the trained model."""

    def make(*arguments, **options):
        return run("predict", *arguments, "--model", trained.model, **options)

    return make


def refused(done, code, *lines):
    """Whether a run ended with a code, nothing on standard output and these lines of complaint."""
    assert done.stderr.splitlines() == [f"lstmcli: {line}" for line in lines]
    assert done.stdout == ""
    assert done.returncode == code


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


# Help and version


def test_the_version_is_printed(run):
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"lstmcli {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["train", "--help"]], ids=" ".join)
def test_help_goes_to_standard_output(run, arguments):
    done = run(*arguments)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ")
    assert done.stderr == ""


def test_the_same_program_is_started_by_its_name(run):
    script = Path(sys.executable).with_name("lstmcli")
    if not script.exists():
        pytest.skip("lstmcli is not installed beside this Python")
    assert run("--version", program=[script]).stdout == f"lstmcli {__version__}\n"


# Exit codes and complaints


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["forecast"], "forecast"),
        (["predict", "--colour", "red"], "--colour"),
        (["predict", "--horizon", "0"], "--horizon"),
        (["predict", "--horizon", "many"], "--horizon"),
        (["predict", "--format", "xml"], "xml"),
        (["train"], "data"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_gives_2_and_names_the_word(run, arguments, named):
    done = run(*arguments)
    assert done.returncode == 2
    assert named in done.stderr.splitlines()[-1].lower()
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_level_beyond_the_model_gives_2(predict):
    refused(predict("--level", 99), 2, "--level 99: this model gives intervals above 0 and up to 95 percent")


def test_bad_data_gives_65_and_the_place(predict, tmp_path):
    (tmp_path / "bad.csv").write_text("time,y\n2024-01-01 00:00,1\n2024-01-01 01:00,x\n")
    refused(predict("bad.csv"), 65, f"bad.csv:3:y: 'x' is not a number{MISSING}x [not-a-number]")


def test_bad_data_on_standard_input_gives_65_and_the_place(predict):
    done = predict("-", text="time,y\n2024-01-01 00:00,1\nx,2\n")
    said = "standard input:3:time: 'x' is not a time stamp, unlike '2024-01-01 00:00' in the first row"
    refused(done, 65, f"{said} [not-a-time]")


def test_an_empty_standard_input_gives_65(predict):
    refused(predict("-", text=""), 65, "standard input: the file is empty [empty]")


def test_a_file_that_is_no_model_gives_65(run, trained):
    refused(
        run("predict", "--model", trained.data),
        65,
        f"{trained.data}: not a model file of lstmcli [foreign-model]",
    )


def test_bad_training_data_gives_65_and_leaves_no_model(run, tmp_path):
    (tmp_path / "bad.csv").write_text("time,y\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n")
    done = run("train", "bad.csv")
    assert done.returncode == 65
    assert done.stdout == ""
    assert done.stderr.startswith("lstmcli: bad.csv:4:time: time 2024-01-02 appears twice")
    assert len(done.stderr.splitlines()) == 1
    assert os.listdir(tmp_path) == ["bad.csv"]


@pytest.mark.parametrize(
    "arguments",
    [["train", "none.csv"], ["train", "none.csv", "-c", "none.yaml"], ["predict", "-m", "none.csv"]],
    ids=["data", "settings", "model"],
)
def test_a_missing_input_gives_66_and_its_name(run, arguments):
    done = run(*arguments)
    assert done.returncode == 66
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"lstmcli: {arguments[-1]}: no such file or directory")


def test_missing_data_for_a_forecast_gives_66(predict):
    refused(predict("none.csv"), 66, "none.csv: no such file or directory")


def test_an_output_that_cannot_be_created_gives_73(predict, tmp_path):
    done = predict("-o", "none/out.csv")
    refused(done, 73, "none/out.csv: cannot be written: there is no folder none")
    assert os.listdir(tmp_path) == []


def test_an_unknown_setting_gives_78_and_a_hint(run):
    done = run("train", "none.csv", "--set", "horizn=3")
    refused(done, 78, "--set horizn=3: unknown setting 'horizn'. Did you mean 'horizon'?")


def test_every_wrong_setting_has_a_line(run, tmp_path):
    (tmp_path / "run.yaml").write_text("cell: gru\nhorizn: 3\n")
    done = run("train", "none.csv", "-c", "run.yaml", "--set", "sed=1", LSTMCLI_SEDE="1")
    assert done.returncode == 78
    assert done.stdout == ""
    assert sorted(done.stderr.splitlines()) == [
        "lstmcli: --set sed=1: unknown setting 'sed'. Did you mean 'seed'?",
        "lstmcli: LSTMCLI_SEDE: unknown setting 'sede'. Did you mean 'seed'?",
        "lstmcli: run.yaml:2: unknown setting 'horizn'. Did you mean 'horizon'?",
    ]


def test_a_traceback_is_shown_only_when_asked_for(run):
    done = run("--debug", "train", "none.csv")
    assert done.returncode == 66
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1] == "lstmcli: none.csv: no such file or directory"


# Forecasts


def test_a_forecast_is_a_table_on_standard_output(predict):
    done = predict()
    assert (done.returncode, done.stderr) == (0, "")
    table = rows(done.stdout)
    assert list(table[0])[:2] == ["time", "forecast"]
    # 400 hours after the start of the year: the file ends at 15:00 on the 17th.
    assert [row["time"] for row in table[:9]] == [
        *(f"2024-01-17 {hour}:00" for hour in range(16, 24)),
        "2024-01-18 00:00",
    ]
    assert len(table) == 24


def test_quantiles_never_cross_and_the_median_is_the_forecast(predict):
    for row in rows(predict().stdout):
        numbers = [float(value) for name, value in row.items() if name.startswith("q")]
        assert len(numbers) == 9
        assert numbers == sorted(numbers)
        assert row["forecast"] == row["q0.5"]


def test_every_format_holds_the_same_numbers(predict, tmp_path):
    table = [
        {name: text if name == "time" else float(text) for name, text in row.items()}
        for row in rows(predict("--level", 80).stdout)
    ]
    assert list(table[0]) == ["time", "forecast", "q0.1", "q0.9"]
    assert json.loads(predict("--level", 80, "--format", "json").stdout) == table
    done = predict("--level", 80, "--format", "ndjson", "-o", "out.ndjson")
    assert (done.returncode, done.stdout) == (0, "")
    assert [json.loads(line) for line in (tmp_path / "out.ndjson").read_text().splitlines()] == table


def test_standard_input_and_a_file_give_the_same_forecast(predict, trained):
    from_file, from_pipe = predict(trained.data), predict("-", text=trained.data.read_text())
    assert from_pipe.stdout == from_file.stdout
    assert len(from_pipe.stdout.splitlines()) == 25


def test_standard_input_is_not_read_unless_asked_for(predict):
    done = predict(text="this is no table\n")
    assert done.returncode == 0
    assert len(rows(done.stdout)) == 24


def test_a_longer_horizon_is_told_unless_quiet(predict):
    loud, quiet = predict("--horizon", 30), predict("--horizon", 30, "-q")
    assert loud.stderr.startswith("note: horizon 30 is longer than the 24 steps")
    assert quiet.stderr == ""
    assert len(rows(quiet.stdout)) == 30
    assert quiet.stdout == loud.stdout


def test_quiet_training_says_nothing_and_writes_one_file(trained):
    assert trained.printed == ""
    assert sorted(os.listdir(trained.model.parent)) == [trained.data.name, trained.model.name]


def test_the_model_may_be_named_by_a_variable(run, trained):
    done = run("predict", LSTMCLI_MODEL=str(trained.model))
    assert done.returncode == 0
    assert len(rows(done.stdout)) == 24


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_no_home_and_a_plain_locale_are_enough(trained, tmp_path, locale):
    (tmp_path / "é.csv").write_text(trained.data.read_text())
    done = subprocess.run(
        [*PROGRAM, "predict", "é.csv", "-m", trained.model],
        cwd=tmp_path,
        env={"PATH": os.defpath, "LC_ALL": locale},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 25


def test_the_gates_are_told_as_json(run, trained):
    done = run("inspect-gates", trained.data, "-m", trained.model, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["cell"], report["hidden"]) == ("lstm", 8)
    assert [gate["gate"] for gate in report["gates"]] == ["forget", "input", "candidate", "output"]
    assert all(gate["p5"] <= gate["p50"] <= gate["p95"] for gate in report["gates"])
    assert len(report["memory"][0]["half_life_steps"]) == 8


def test_a_member_that_is_not_there_gives_2(run, trained):
    done = run("inspect-gates", "-m", trained.model, "--member", 50)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("lstmcli: --member 50: the model has 3")
    assert run("inspect-gates", "-m", trained.model, "--member", 0).returncode == 2
    third = json.loads(run("inspect-gates", "-m", trained.model, "--member", 3, "--format", "json").stdout)
    assert (third["member"], third["members"]) == (3, 3)


# Pipes and full disks


@pytest.fixture
def piped(run, trained):
    """Runs a forecast in a shell line that sends its output on."""

    def make(tail, before=""):
        command = f'{before} "$0" -m lstmcli predict -m "$1" {tail}'
        return run(sys.executable, trained.model, program=["bash", "-c", command])

    return make


def test_a_reader_that_leaves_ends_the_forecast_quietly(piped):
    # 3000 rows are more than a pipe holds, so that writing goes on after the reader has left.
    done = piped('-q --horizon 3000 | head -n 1; echo "${PIPESTATUS[0]}"')
    assert done.stderr == ""
    header, code = done.stdout.splitlines()
    assert header.startswith("time,forecast,q")
    assert code == "0"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("tail", ["> /dev/full", "-o /dev/full"], ids=["standard output", "named"])
def test_a_full_disk_gives_74(piped, tail):
    done = piped(tail)
    assert done.returncode == 74
    (line,) = done.stderr.splitlines()
    assert line.startswith("lstmcli: ")
    assert "no space left on device" in line


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_of_which_a_part_fits_gives_74(piped, monkeypatch, unbuffered):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    done = piped("-q --horizon 500 > cut.csv", before="ulimit -f 8;")
    assert done.returncode == 74
    assert done.stderr == "lstmcli: standard output: file too large\n"


# What is loaded


def loaded(done):
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments", [["--help"], ["predict", "--help"], ["backtest", "--help"], ["--version"]], ids=" ".join
)
def test_help_loads_no_slow_library(run, arguments):
    modules = loaded(run(*arguments, program=[sys.executable, "-c", LISTING]))
    assert "typer" in modules
    assert not modules & {"torch", "numpy", "pandas", "matplotlib", "safetensors"}


@pytest.mark.parametrize("command", ["predict", "inspect-gates"])
def test_a_trained_model_is_used_without_torch(run, trained, command):
    modules = loaded(run(command, "-m", trained.model, program=[sys.executable, "-c", LISTING]))
    assert "numpy" in modules
    assert not modules & {"torch", "matplotlib"}


@pytest.mark.parametrize("journal", [False, True])
def test_lines_of_a_training_begin_with_the_time_but_in_the_journal(tmp_path, environment, trained, journal):
    told = tmp_path / "told.txt"
    with told.open("w") as stream:
        found = os.fstat(stream.fileno())
        variables = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"} if journal else {}
        command = [warm_program(), "train", str(trained.data), "--set", "steps=2", "-m", "m.safetensors"]
        subprocess.run(command, cwd=tmp_path, env={**environment, **variables}, stderr=stream, check=True)
    lines = told.read_text().splitlines()
    dated = [bool(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line)) for line in lines]
    assert not any(dated) if journal else all(dated)
    assert lines[-1].endswith(f"next        lstmcli predict {trained.data} -m m.safetensors")
