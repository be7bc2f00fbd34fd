"""Tables from pipes, as a shell makes of <(command): read whole, once, and never waited for without end."""

import os

import pandas as pd
import pytest

from lstmcli.cli.app import program
from lstmcli.errors import DataError, InputMissing, UsageError
from lstmcli.files import read as files_read
from lstmcli.jobs.follow import stream, watch_stream
from lstmcli.tables.read import read_table
from lstmcli.tables.read.renamed_columns import require_known_columns

TABLE = "time,y\n" + "".join(f"2024-01-{day:02},{day % 7}\n" for day in range(1, 29))


@pytest.fixture
def pipe():
    """Gives the path of a pipe that holds a text, whose writer is gone."""
    opened = []

    def make(text=TABLE):
        reader, writer = os.pipe()
        opened.append(reader)
        os.write(writer, text.encode())
        os.close(writer)
        return f"/dev/fd/{reader}"

    yield make
    for reader in opened:
        os.close(reader)


def run(*arguments):
    return program()(list(arguments), standalone_mode=False) or 0


@pytest.mark.parametrize("text", [TABLE, '{"t": 1, "y": 2}\n{"t": 2, "y": 3}\n'])
def test_a_pipe_is_read_as_a_file_is(pipe, tmp_path, text):
    path = tmp_path / "data"
    path.write_text(text)
    assert read_table(pipe(text)).frame.equals(read_table(str(path)).frame)


def test_commands_read_pipes_once(pipe, capsys, tmp_path, monkeypatch):
    """`check` looks at a table several times, for mends too."""
    monkeypatch.chdir(tmp_path)
    assert run("check", pipe()) == 0
    assert "Ready to train" in capsys.readouterr().out
    assert run("check", pipe(TABLE.replace(",5\n", ";5\n"))) == 65
    assert run("predict", pipe(), "-m", "builtin", "--horizon", "2", "-q") == 0
    assert capsys.readouterr().out.count("\n2024-01-") == 2
    assert run("impute", pipe(TABLE.replace("12,5", "12,")), "-m", "builtin", "-q") == 0
    assert ",1," in capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("--watch",)])
def test_the_history_of_a_stream_may_be_a_pipe(pipe, capsys, tmp_path, monkeypatch, words):
    past = tmp_path / "past.csv"
    past.write_text(TABLE.replace(",", ";"))
    answers = []
    for history in (str(past), pipe(past.read_text())):
        for job in (stream, watch_stream):
            monkeypatch.setattr(job, "standard_input", lambda: 0)
            monkeypatch.setattr(job, "bursts", lambda *_, **__: iter([[b"2024-01-29;1"]]))
        given = "predict", "-", "--follow", "-m", "builtin", "--history", history, "--target", "y", "-q"
        assert run(*given, *words) == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1] and "2024-01-29" in answers[0]


def test_a_pipe_has_no_content_to_keep_or_to_share(pipe, tmp_path):
    with pytest.raises(UsageError, match="save standard input, or a pipe, to a file first"):
        run("predict", pipe(), "-m", "builtin", "--cache", str(tmp_path / "kept"))
    name = pipe()
    with pytest.raises(UsageError, match=f"{name} cannot be combined with --engine dask"):
        run("predict", name, "-m", "builtin", "--engine", "dask")


def test_a_pipe_that_nobody_writes_to_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(files_read, "PATIENCE", 0.01)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputMissing, match="is a pipe that nothing was written to"):
        read_table(str(tmp_path / "pipe"))


def test_the_header_of_a_pipe_is_not_looked_at_again(tmp_path):
    """To tell how a column is renamed in a file: that would wait for a writer."""
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    with pytest.raises(DataError, match=r"rename it$"):
        require_known_columns(pd.DataFrame({"time": [], "sold": []}), ["time", "sales"], path)
