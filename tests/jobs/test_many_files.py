"""`predict --engine dask`: the rows, notes and errors of all files as one table, from several processes."""

import io
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from builders import change_contract

from lstmcli import model_file
from lstmcli.cli.app import program
from lstmcli.errors import DataError, InputMissing, SystemFailed, Unavailable, UsageError
from lstmcli.jobs.forecast import ForecastSource, forecast
from lstmcli.jobs.forecast_options import ForecastOptions
from lstmcli.jobs.many_files.file_task import FileFacts, FileForecast, FileJob, forecast_file
from lstmcli.jobs.many_files.local import local_forecasts
from lstmcli.jobs.many_files.together import FileChecks, FileNotes, content_of
from lstmcli.tables.read.for_contract import read_for_model
from lstmcli.tables.write.dialects import AskedDialect
from lstmcli.tables.write.lines import Lines
from lstmcli.tables.write.tables import forecast_table, text_of

needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="needs distributed")


def hours(first=0, count=60, level=100.0):
    return "".join(
        f"2024-01-{1 + hour // 24:02} {hour % 24:02}:00,{level + hour * 37 % 11 + hour / 7:.3f}\n"
        for hour in range(first, first + count)
    )


@pytest.fixture
def stores(tmp_path, trained, monkeypatch):
    """A folder with ten files of different lengths and a model that tells series apart by file."""
    monkeypatch.chdir(tmp_path)
    model = model_file.read_model(trained.model)
    told = change_contract(model.contract, series=("file",), known_series="", ends=())
    model_file.write_model(tmp_path / "m.safetensors", replace(model, contract=told))
    for number in range(10):
        Path(f"s{number}.csv").write_text("time,y\n" + hours(count=40 + 9 * number, level=100 + number))
    return tmp_path


def job_of(form="csv", several=True, **options):
    model = model_file.read_model(Path("m.safetensors"))
    reading = replace(model.contract.options, **options)
    return FileJob(model, reading, ForecastOptions(), form, several)


def files(folder="."):
    return sorted(str(path) for path in Path(folder).glob("*.csv"))


def forecast_apart(job, names):
    """The output and the notes of the tasks, without Dask."""
    notes = FileNotes(len(names) > 1)
    done = (forecast_file(job, os.path.abspath(name), name) for name in names)
    return "".join(content_of(done, notes)), list(notes.lines())


def forecast_together(job, names):
    """The output of one table of all files."""
    contract = job.model.contract
    found = read_for_model(job.model, Path("m.safetensors"), names)
    result = forecast(job.model, ForecastSource(found.panel, found.source), job.forecast, print)
    pattern = "%Y-%m-%d %H:%M"
    assert found.table.frame["file"].nunique() == len(names)
    return text_of(forecast_table(result.whole(), contract.roles.time, pattern, result.quantiles), "csv")


def assert_equal_rows(text, other):
    """The same series and times in the same order; numbers equal but for their last digits."""
    one, two = (pd.read_csv(io.StringIO(rows)) for rows in (text, other))
    pd.testing.assert_frame_equal(one, two, rtol=1e-5)


def test_the_rows_are_those_of_one_table(stores):
    text = forecast_apart(job_of(), files())[0]
    assert text.count("\n") == 1 + 10 * 24
    assert_equal_rows(text, forecast_together(job_of(), files()))


def as_german(name):
    text = Path(name).read_text().replace(",", ";")
    Path(name).write_text(re.sub(r"\.(\d\d)\d", r",\1", text))  # three digits could be thousands


def test_rows_have_the_dialect_of_the_files(stores):
    for name in files():
        as_german(name)
    names = files()[:3]
    wanted = read_for_model(job_of().model, Path("m.safetensors"), names)
    text = forecast_apart(job_of(), names)[0]
    assert text.startswith("file;time;forecast;q0.025;")
    assert wanted.table.frame["file"].nunique() == 3
    plain = forecast_apart(replace(job_of(), dialect=AskedDialect(",", ".")), names)[0]
    assert text == plain.replace(",", ";").replace(".", ",").replace("q0,", "q0.")


def test_files_of_two_dialects_need_one_to_be_asked_for(stores):
    as_german("s1.csv")
    names = files()[:2]
    with pytest.raises(UsageError) as error:
        forecast_apart(job_of(), names)
    assert str(error.value) == (
        "--engine dask: cells and decimals are separated in two ways: s0.csv by ',' and '.' and "
        "s1.csv by ';' and ','; add --write-separator , --write-decimal ."
    )
    asked = AskedDialect(",", ".")
    text = forecast_apart(replace(job_of(), dialect=asked), names)[0]
    assert_equal_rows(text, forecast_together(job_of(), names))
    assert forecast_apart(job_of("ndjson"), names)[0].count("\n") == 2 * 24


def test_series_of_the_second_target_come_after_all_files():
    form = Lines("csv", ("shop",), "time", "%Y", ())
    done = []
    for name, keys in (("1.csv", "ab"), ("2.csv", "cde")):
        facts = FileFacts(name, ("y", "z"), tuple((key,) for key in keys), "%Y")
        rows = tuple([f"{key},{target}\n" for key in keys] for target in "yz")
        done.append(FileForecast(facts, form, rows))
    lines = "".join(content_of(done, FileNotes(several=True))).splitlines()[1:]
    assert lines == [f"{key},{target}" for target in "yz" for key in "abcde"]


def test_a_file_is_written_before_the_next_is_forecast(stores):
    job, begun = job_of(), []

    def done():
        for name in files():
            begun.append(name)
            yield forecast_file(job, os.path.abspath(name), name)

    parts = content_of(done(), FileNotes(several=True))
    assert next(parts).startswith("file,time,forecast")
    assert begun == ["s0.csv"]


def test_a_series_of_two_files_is_refused(stores):
    shutil.copytree(stores, "again", ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(UsageError, match=r"series s3 is both in s3\.csv and in again/s3\.csv"):
        forecast_apart(job_of(), [*files(), "again/s3.csv"])


def test_times_that_are_written_in_two_ways_are_refused(stores):
    Path("t.csv").write_text("time,y\n" + hours().replace(" ", "T"))
    with pytest.raises(UsageError, match=r"two ways: t\.csv as %Y-%m-%dT%H:%M, s0\.csv as %Y-%m-%d %H:%M"):
        forecast_apart(job_of(), files())


def test_files_of_other_columns_are_refused_as_in_one_table(stores):
    Path("s4.csv").write_text("time,x\n" + hours())
    errors = []
    for way in (forecast_apart, forecast_together):
        with pytest.raises(DataError) as caught:
            way(job_of(), files())
        errors.append((str(caught.value), caught.value.kind))
    assert (
        errors[0]
        == errors[1]
        == ("s4.csv:1: the columns differ: 'x' is in s4.csv, not in s0.csv", "other-columns")
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("time,y\n" + hours(count=3) + "2024-01-01 03:00,many\n", "not-a-number"),
        ("time,y\n" + hours(count=3) + "soon,3\n", "not-a-time"),
        ("time,y\n" + hours(count=3) + "2024-01-01 03:00\n", "ragged"),
        ("", "empty"),
    ],
)
def test_an_error_has_the_file_row_and_column_of_one_table(stores, content, kind):
    Path("s5.csv").write_text(content)
    errors = []
    for way in (forecast_apart, forecast_together):
        with pytest.raises(DataError) as caught:
            way(job_of(), files())
        errors.append((caught.value.kind, caught.value.path, caught.value.row, caught.value.column))
    assert errors[0] == errors[1]
    assert errors[0][0] == kind


def test_a_file_without_rows_is_left_out_as_in_one_table(stores):
    Path("s4.csv").write_text("time,y\n")
    made, _ = forecast_apart(job_of(), files())
    assert "s4," not in made
    assert made.count("s3,") == made.count("s5,") == 24
    with pytest.raises(DataError, match=r"s4\.csv: the table has a header but no rows"):
        forecast_apart(job_of(), ["s4.csv"])


def test_a_file_that_is_not_there_is_named_as_it_was_given(stores):
    with pytest.raises(InputMissing, match=r"^none\.csv: no such file"):
        forecast_apart(job_of(), ["none.csv"])


def test_a_note_is_told_once_with_its_file(stores):
    rows = hours(count=40).splitlines(keepends=True)
    for name in ("s2.csv", "s7.csv", "s8.csv"):
        Path(name).write_text("time,y\n" + "".join(reversed(rows)))
    for number in range(10, 15):
        Path(f"s{number}.csv").write_text("time,y\n" + hours(count=30, level=1e6))
    _, lines = forecast_apart(job_of(), files())
    assert "note: s2.csv: rows were not in order of time: sorted" in lines
    assert "note: 2 more files: rows were not in order of time: sorted" in lines
    far = [line for line in lines if "[out-of-range]" in line]
    assert [line.split(":")[1].strip() for line in far[:3]] == ["s10.csv", "s11.csv", "s12.csv"]
    assert far[3:] == ["warning: 2 more files with such a warning [out-of-range]"]


def test_a_worker_of_another_version_refuses_to_work(stores):
    with pytest.raises(Unavailable, match=r"a worker has lstmcli .*, this is 99"):
        forecast_file(replace(job_of(), version="99"), "s0.csv", "s0.csv")


def run(*arguments):
    """`lstmcli predict` in this process."""
    with program().make_context("lstmcli", ["predict", "-m", "m.safetensors", *arguments]) as context:
        program().invoke(context)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "--engine", "dask"], "- cannot be combined with --engine dask, which reads file by file"),
        (["s0.csv", "--engine", "dask", "--future", "f.csv"], "with an empty target"),
        (["s0.csv", "--engine", "dask", "--preview"], "--preview cannot be combined"),
        (["s0.csv", "--engine", "dask", "--max-age", "2h"], "--max-age cannot be combined"),
        (["s0.csv", "--engine", "dask", "--scheduler", "nowhere"], "write its address as tcp://host:8786"),
        (["s0.csv", "--scheduler", "tcp://127.0.0.1:9"], "--scheduler belongs to --engine dask"),
        (["-", "--follow", "--engine", "dask"], "--engine dask cannot be combined with --follow"),
    ],
)
def test_what_does_not_go_together_is_refused(stores, arguments, message):
    with pytest.raises(UsageError, match=message):
        run(*arguments)


def test_a_missing_package_is_named(stores, monkeypatch):
    monkeypatch.setattr("lstmcli.jobs.many_files.job.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"--scheduler needs .* distributed: pip install 'lstmcli\[dask\]'"):
        run("s0.csv", "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9")


CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(**options, local_directory=sys.argv[1]) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    script = folder / "cluster.py"
    script.write_text(CLUSTER)
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-P", script, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | paths,
        text=True,
    ) as cluster:
        yield cluster.stdout.readline().strip()


@needs_dask
@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet"])
def test_a_scheduler_gives_the_rows_of_the_local_engine(stores, scheduler, form):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    read = {
        "csv": pd.read_csv,
        "json": lambda path: pd.DataFrame(json.loads(Path(path).read_text())),
        "ndjson": lambda path: pd.DataFrame(map(json.loads, Path(path).read_text().splitlines())),
        "parquet": pd.read_parquet,
    }
    names = [*files(), "-q", "--format", form, "--level", "80"]
    run(*names, "-o", "local")
    run(*names, "-o", "dask", "--engine", "dask", "--scheduler", scheduler)
    local, dask = read[form]("local"), read[form]("dask")
    assert len(local) == 240
    pd.testing.assert_frame_equal(dask, local, rtol=1e-5)


@needs_dask
def test_an_error_on_a_worker_is_that_of_the_local_engine_and_nothing_is_written(stores, scheduler):
    Path("s5.csv").write_text("time,y\n" + hours(count=3) + "2024-01-01 03:00,many\n")
    with pytest.raises(
        DataError, match=r"^s5\.csv:5:y: 'many' is not a number; where .* --set missing=many$"
    ):
        run(*files(), "-o", "made.csv", "--engine", "dask", "--scheduler", scheduler)
    assert not Path("made.csv").exists()
    assert not list(Path().glob(".made*"))


def test_a_file_that_only_workers_do_not_see_is_told_so(stores):
    lost = InputMissing("no such file or directory")
    with pytest.raises(InputMissing, match="on a worker; it is here"):
        FileChecks().add(FileFacts("s0.csv", error=lost))
    with pytest.raises(InputMissing, match=r"^no such file or directory$"):
        FileChecks().add(FileFacts("none.csv", error=lost))


@needs_dask
def test_an_address_where_nobody_answers_is_told(stores, monkeypatch):
    monkeypatch.setattr("lstmcli.jobs.many_files.cluster._SECONDS_TO_CONNECT", 1)
    with pytest.raises(Unavailable, match=r"--scheduler tcp://127\.0\.0\.1:9: no Dask scheduler answers"):
        run("s0.csv", "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9")


@pytest.fixture
def predicted(stores, environment):
    """Starts `lstmcli predict` of all files with workers of its own, which find no home."""
    Path("temporary").mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", "lstmcli", "predict", "s?.csv", "-m", "m.safetensors", "--engine", "dask"],
        env={**environment, "HOME": str(stores / "home"), "TMPDIR": str(stores / "temporary")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_the_program_starts_workers_and_leaves_nothing_behind(stores, predicted):
    run(*files(), "-q", "-o", "local.csv")
    made, said = predicted.communicate(timeout=120)
    assert (predicted.returncode, said) == (0, "")
    assert_equal_rows(made, Path("local.csv").read_text())
    assert not list(Path("temporary").iterdir())
    assert not Path("home").exists()


def test_processes_here_give_the_same_and_none_is_left(stores):
    with closing(local_forecasts(job_of(), files(), 3)) as forecasts:
        text = "".join(content_of(forecasts, FileNotes(several=True)))
    assert text == forecast_apart(job_of(), files())[0]
    assert not multiprocessing.active_children()


def test_a_process_that_is_killed_is_told(stores):
    with (
        closing(local_forecasts(job_of(), files() * 20, 2)) as forecasts,
        pytest.raises(SystemFailed, match="killed"),
    ):
        next(forecasts)
        for child in multiprocessing.active_children():
            child.kill()
        list(forecasts)
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_an_interrupt_of_the_terminal_ends_the_workers_too(predicted):
    children = Path(f"/proc/{predicted.pid}/task/{predicted.pid}/children")
    while not children.read_text():  # on a quiet machine all is done in three seconds
        time.sleep(0.01)
    time.sleep(0.2)
    os.killpg(predicted.pid, signal.SIGINT)
    made, said = predicted.communicate(timeout=60)
    assert said == "lstmcli: interrupted\n"
    assert not made or made.endswith("\n")  # rows are written as they come
    assert predicted.returncode in (130, -signal.SIGINT)  # the second where Python was loading a module
    assert not list(Path("temporary").iterdir())
