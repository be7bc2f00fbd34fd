"""What every command has in common: options, events, streams, signals."""

import json
import os
import pty
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from warm_program import warm_program

from lstmcli.cli.app import COMMAND_NAMES, program
from lstmcli.console.events import emit, emit_text
from lstmcli.console.manner import OutputMode, with_colour
from lstmcli.settings.assignments import setting_variables

PROGRAM = [sys.executable, "-m", "lstmcli"]
# One run that prints data for every command that does; MODEL and DATA stand for the trained ones.
PRINTING = {
    "--help": 0,
    "--version": 0,
    "train --help": 0,
    "predict DATA -m MODEL": 0,
    "check DATA": 0,
    "inspect-gates DATA -m MODEL --windows 5": 0,
    "completion fish": 0,
}
FAILING = {"nonsense": 2, "predict --colour": 2, "train none.csv": 66, "predict none.csv -m MODEL": 66}


@pytest.fixture
def words(trained):
    def make(line):
        places = {"MODEL": str(trained.model), "DATA": str(trained.data)}
        return [*PROGRAM, *(places.get(word, word) for word in line.split())]

    return make


@pytest.fixture
def shell(words, environment, tmp_path):
    """Runs a command with redirections of bash behind it; the program itself where those close streams."""

    def make(line, behind="", **variables):
        command = words(line) if "&-" in behind else [warm_program(), *words(line)[len(PROGRAM) :]]
        return subprocess.run(
            ["bash", "-c", f'"$@" {behind}', "bash", *command],
            cwd=tmp_path,
            env={**environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )

    return make


def events(text):
    def refuse(token):
        raise AssertionError(token)

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


# Options


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_command_lists_the_common_options(name):
    command = program().commands[name]
    taken = [flag for option in command.params for flag in option.opts]
    for flag in ("-q", "--quiet", "-v", "--verbose", "--debug", "--log-json", "--no-color"):
        assert taken.count(flag) == 1


@pytest.mark.parametrize("line", ["-q predict -m MODEL --horizon 30", "predict -m MODEL --horizon 30 -q"])
def test_quiet_counts_before_and_after_the_command(shell, line):
    done = shell(line)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"note: horizon 30" in shell(line.replace("-q", "")).stderr


def test_verbose_tells_stages_and_the_end(shell):
    said = shell("predict -m MODEL -v").stderr.decode().splitlines()
    assert [line.split(":")[0] for line in said[:-1]] == [
        f"timing      {stage}" for stage in ("reading", "forecasting", "writing")
    ]
    assert said[-1].startswith("ended       with 0 after ")


def test_no_variable_of_an_option_is_taken_for_a_setting():
    for command in program().commands.values():
        for option in command.params:
            variables = [option.envvar] if isinstance(option.envvar, str) else option.envvar or []
            assert not setting_variables(dict.fromkeys(variables, "1"))


# Events


def test_events_of_training(shell, trained):
    done = shell("train DATA --log-json -m new.model --set steps=4 --set hidden=8 --set processes=1")
    assert (done.returncode, done.stdout) == (0, b"")
    told = events(done.stderr)
    assert all(list(event)[:2] == ["event", "time"] for event in told)
    kinds = [event["event"] for event in told]
    assert {"fact", "trained", "table"} <= set(kinds)
    assert kinds.count("summary") == 1
    assert kinds[-1] == "summary"
    assert told[-1]["exit_code"] == 0
    assert told[-1]["seconds"] > 0
    (result,) = [event for event in told if event["event"] == "trained"]
    assert {"errors", "skill", "coverage"} <= set(result["validation"])


@pytest.mark.parametrize(("line", "code"), FAILING.items(), ids=list(FAILING))
def test_events_of_errors(shell, line, code):
    done = shell(f"{line} --log-json --debug")
    assert (done.returncode, done.stdout) == (code, b"")
    error, summary = events(done.stderr)
    assert (error["event"], error["exit_code"]) == ("error", code)
    assert error["message"]
    assert "Traceback" in error["traceback"]
    assert (summary["event"], summary["exit_code"]) == ("summary", code)


def test_quiet_events_are_errors_what_was_written_and_the_summary(shell):
    told = events(shell("predict -m MODEL --horizon 30 -q --log-json").stderr)
    assert [event["event"] for event in told] == ["wrote", "summary"]
    assert (told[0]["output"], told[0]["form"], told[0]["steps"]) == ("-", "csv", 30)
    small = "--set steps=4 --set hidden=8 --set processes=1"
    told = events(shell(f"train DATA -q --log-json -m quiet.model {small}").stderr)
    assert [event["event"] for event in told] == ["trained", "summary"]
    assert told[0]["model"] == "quiet.model" and told[0]["validation"]["errors"]


def test_what_is_not_finite_is_null(capsys):
    emit("progress", loss=float("nan"), parts={"a": [float("inf"), 1.5]}, tuple_of=(2, -float("inf")))
    (event,) = events(capsys.readouterr().err)
    assert (event["loss"], event["parts"], event["tuple_of"]) == (None, {"a": [None, 1.5]}, [2, None])


def test_lines_for_people_become_events(capsys):
    emit_text("warning: a, b [unseen-category]")
    emit_text("note: horizon [sic] is long")
    emit_text("trains 3 networks")
    told = events(capsys.readouterr().err)
    assert [(e["event"], e["message"], e["kind"]) for e in told] == [
        ("warning", "a, b", "unseen-category"),
        ("note", "horizon [sic] is long", None),
        ("note", "trains 3 networks", None),
    ]


# Colour


class Terminal:
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("variables", "no_color", "coloured"),
    [
        ({"TERM": "xterm"}, False, True),
        ({"TERM": "xterm"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, False, True),
        ({"TERM": "dumb"}, False, False),
        ({}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_by_option_variables_and_terminal(monkeypatch, variables, no_color, coloured):
    for name in ("TERM", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("lstmcli.console.manner._chosen", [OutputMode(no_color=no_color)])
    assert with_colour(Terminal()) == coloured


@pytest.mark.parametrize(("term", "coloured"), [("xterm", True), ("dumb", False)])
def test_errors_are_coloured_on_a_terminal(words, environment, term, coloured):
    here, there = pty.openpty()
    variables = {n: v for n, v in environment.items() if n not in ("NO_COLOR", "FORCE_COLOR")}
    subprocess.run(
        words("predict none.csv -m MODEL"),
        stderr=there,
        env={**variables, "TERM": term, "COLUMNS": "20"},
        check=False,
    )
    said = os.read(here, 4096)
    assert b"none.csv: no such file" in said
    assert (b"\033[" in said) == coloured
    os.close(here)
    os.close(there)


def test_colour_can_be_forced_into_a_pipe(shell):
    assert shell("predict none.csv -m MODEL", FORCE_COLOR="1").stderr.startswith(b"\033[31mlstmcli:\033[0m ")


# Streams


@pytest.mark.parametrize("line", PRINTING)
def test_output_that_cannot_be_written_gives_74(shell, line):
    if Path("/dev/full").exists():
        done = shell(line, "> /dev/full")
        assert (done.returncode, done.stderr) == (74, b"lstmcli: standard output: no space left on device\n")
    done = shell(line, ">&-")
    assert (done.returncode, done.stderr) == (74, b"lstmcli: standard output: closed\n")


@pytest.mark.parametrize("line", PRINTING)
def test_a_reader_that_has_left_is_no_error(shell, line):
    done = shell(line, '| true; echo "${PIPESTATUS[0]}"')
    assert (done.stdout, done.stderr) == (b"0\n", b"")


@pytest.mark.parametrize(("line", "code"), (PRINTING | FAILING).items(), ids=list(PRINTING | FAILING))
def test_other_streams_may_be_closed(shell, line, code):
    plain = shell(line)
    for behind in ("2>&-", "<&- 2>&-", *(["2> /dev/full"] if Path("/dev/full").exists() else [])):
        done = shell(line, behind)
        assert (done.returncode, done.stdout, done.stderr) == (code, plain.stdout, b""), behind


def test_a_model_is_whole_where_all_streams_are_closed(shell, tmp_path):
    line = "train DATA -m new.model --set steps=4 --set hidden=8 --set processes=1"
    assert shell(line, "<&- >&- 2>&-").returncode == 0
    assert shell("predict DATA -m new.model").returncode == 0
    assert os.listdir(tmp_path) == ["new.model"]


def test_a_closed_input_that_is_asked_for_gives_66(shell):
    done = shell("predict - -m MODEL", "<&-")
    assert (done.returncode, done.stderr) == (66, b"lstmcli: standard input: closed\n")


@pytest.mark.parametrize("line", PRINTING)
def test_an_empty_environment_and_a_narrow_terminal_are_enough(words, tmp_path, line):
    for variables in ({}, {"COLUMNS": "20", "LC_ALL": "C", "TERM": "xterm"}):
        kept = {n: os.environ[n] for n in ("PYTHONPATH",) if n in os.environ}
        done = subprocess.run(
            words(line), cwd=tmp_path, env={**kept, **variables}, capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout


def test_output_is_utf8_and_errors_are_told_in_any_locale(words, environment, trained, tmp_path):
    rows = trained.data.read_text().splitlines()
    place = os.fsencode(tmp_path) + b"/\xff\xc3\xa9.csv"  # no text in any encoding
    text = "\n".join([f"{rows[0]},né", *(f"{row},ÅÄ" for row in rows[1:])])
    Path(os.fsdecode(place)).write_text(text, encoding="utf-8")
    variables = {**environment, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    def run(*arguments):
        return subprocess.run(
            [*PROGRAM, *arguments], cwd=tmp_path, env=variables, capture_output=True, check=False
        )

    settings = "steps: 4\nhidden: 8\nprocesses: 1\nseries: né\n"
    (tmp_path / "run.yaml").write_text(settings, encoding="utf-8")
    done = run("train", place, "-c", "run.yaml")
    assert done.returncode == 0, done.stderr
    done = run("predict", place)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8").splitlines()[1].startswith("ÅÄ,")
    done = run("predict", b"\xffnone.csv")
    assert done.returncode == 66
    assert done.stderr.startswith(b"lstmcli: \\udcffnone.csv: no such file or directory")


# Signals


@pytest.fixture
def waiting(words, environment):
    """A forecast that waits for standard input, and is past its start."""

    def make(*prefix, **options):
        process = subprocess.Popen(
            [*prefix, *words("predict - -m MODEL")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )
        wait_for_read(process.pid)
        return process

    return make


def wait_for_read(process):
    """Until a process has waited for a while, which it does nowhere but in reading."""
    place, since, last = Path(f"/proc/{process}/stat"), time.monotonic(), ""
    if not place.exists():
        pytest.skip("needs /proc")
    while time.monotonic() - since < 1:
        used = " ".join(place.read_text().rpartition(")")[2].split()[11:13])
        if used != last or used == "0 0":
            since, last = time.monotonic(), used
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, b"lstmcli: interrupted\n"),
        (signal.SIGTERM, 143, b"lstmcli: terminated\n"),
        (signal.SIGHUP, 143, b"lstmcli: terminated\n"),
    ],
    ids=["INT", "TERM", "HUP"],
)
def test_a_signal_ends_a_run_that_waits(waiting, number, code, said):
    process = waiting()
    process.send_signal(number)
    assert process.communicate(timeout=10) == (b"", said) or process.poll() is None
    assert process.returncode == code


@pytest.mark.parametrize(("name", "number"), [("INT", signal.SIGINT), ("HUP", signal.SIGHUP)])
def test_a_signal_that_the_parent_ignores_stays_ignored(waiting, trained, name, number):
    process = waiting("bash", "-c", f'trap "" {name}; exec "$@"', "bash")
    process.send_signal(number)
    out, said = process.communicate(trained.data.read_bytes(), timeout=60)
    assert (process.returncode, said) == (0, b"")
    assert len(out.splitlines()) == 25


def test_a_signal_while_modules_are_loaded_leaves_no_traceback(environment):
    loading = """
import os, signal, sys
class Finder:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv = ["lstmcli", "--help"]
from lstmcli.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", loading], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"lstmcli: interrupted\n")


def test_a_second_signal_ends_at_once(environment):
    stubborn = """
import os, signal, sys
from lstmcli.console.signals import listen
listen()
try:
    os.kill(os.getpid(), signal.SIGTERM)
except SystemExit as end:
    print(end.code, flush=True)
os.kill(os.getpid(), signal.SIGINT)
print("still here", flush=True)
"""
    done = subprocess.run([sys.executable, "-c", stubborn], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGINT, b"143\n")


DROPPED = {
    "around a fork": "os.register_at_fork(after_in_parent=end_once)\nif os.fork() == 0: os._exit(0)",
    "in a finalizer": "class Kept:\n    def __del__(self): end_once()\nKept()",
}


@pytest.mark.parametrize("place", DROPPED)
@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 143)])
def test_a_signal_that_comes_where_python_drops_errors_is_not_lost(environment, place, number, code):
    program = f"""
import os, signal, sys, time
import lstmcli.__main__ as program
ends = [signal.{number}]
def end_once():
    if ends: os.kill(os.getpid(), ends.pop())
def run(arguments):
{textwrap.indent(DROPPED[place], "    ")}
    time.sleep(20)
program._run = run
program.main()
"""
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    said = b"lstmcli: interrupted\n" if code == 130 else b"lstmcli: terminated\n"
    assert (done.returncode, done.stderr) == (code, said)
