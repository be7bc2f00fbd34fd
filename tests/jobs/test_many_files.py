"""`predict --engine dask`: the rows, notes and errors of all files as one table, from several processes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from lstmcli import model_file
from lstmcli.cli.app import program
from lstmcli.errors import DataError, InputMissing, Unavailable, UsageError
from lstmcli.forecasting import forecast as forecasting
from lstmcli.forecasting.forecast import at_quantiles, forecast_panel
from lstmcli.jobs.many_files import order as orders
from lstmcli.jobs.many_files.blocks import block_rows
from lstmcli.jobs.many_files.local import local_workers
from lstmcli.jobs.many_files.order import BlockOrder, Notes
from lstmcli.jobs.many_files.reading import FileFacts, FileJob, read_part
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.tables.read import panel_with, read_table
from lstmcli.tables.read.for_contract import read_for_model
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
    told = replace(model.contract, series=("file",), known_series="", ends=())
    model_file.write_model(tmp_path / "m.safetensors", replace(model, contract=told))
    for number in range(10):
        Path(f"s{number}.csv").write_text("time,y\n" + hours(count=40 + 9 * number, level=100 + number))
    return tmp_path


def job_of(form="csv", several=True, **more):
    model = model_file.read_model(Path("m.safetensors"))
    arch = model.network.arch
    policies = replace(model.contract.options, **more)
    return FileJob(model, policies, arch.horizon, arch.quantiles, form, several, frozenset())


def files(folder="."):
    return sorted(str(path) for path in Path(folder).glob("*.csv"))


def forecast_apart(job, names):
    """What the tasks give, without Dask."""
    order, parts, text = BlockOrder(len(job.roles.targets)), [], ""
    notes = Notes(len(names) > 1)

    def made(blocks):
        for block in blocks:
            rows = block_rows(job, order.pattern, block, parts)
            yield rows.piece if text else rows.form.head + rows.piece

    for name in names:
        parts.append(read_part(job, os.path.abspath(name), name))
        order.add(parts[-1].told)
        notes.add(parts[-1].told)
        for piece in made(order.full()):
            text += piece
    for piece in made(order.rest()):
        text += piece
    return text, list(notes.lines())


def forecast_together(job, names):
    """What one table of all files gives."""
    contract = job.model.contract
    found = read_for_model(job.model, Path("m.safetensors"), names)
    made = at_quantiles(forecast_panel(job.model.network, found.panel, job.steps), job.wanted)
    pattern = "%Y-%m-%d %H:%M"
    assert found.table.frame["file"].nunique() == len(names)
    return text_of(forecast_table(made, contract.time, pattern, job.wanted), "csv")


@pytest.mark.parametrize("block", [1, 3, 7, 256])
def test_blocks_of_any_size_give_the_rows_of_one_table(stores, monkeypatch, block):
    monkeypatch.setattr(orders, "BLOCK_WINDOWS", block)
    monkeypatch.setattr(forecasting, "BLOCK_WINDOWS", block)
    assert forecast_apart(job_of(), files())[0] == forecast_together(job_of(), files())


def test_a_block_is_as_large_as_one_that_is_computed_at_once():
    assert orders.BLOCK_WINDOWS == forecasting.BLOCK_WINDOWS


def test_series_of_the_second_target_come_after_all_files(monkeypatch):
    monkeypatch.setattr(orders, "BLOCK_WINDOWS", 3)
    order = BlockOrder(targets=2)
    blocks = []
    for number, keys in enumerate((["a", "b"], ["c", "d", "e"])):
        order.add(FileFacts(f"{number}.csv", ("y", "z"), tuple((key,) for key in keys), "%Y"))
        blocks += order.full()
    assert [len(block) for block in blocks] == [2]
    blocks += order.rest()
    series = [(s.file, place) for block in blocks for s in block for place in range(s.first, s.last)]
    first = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]
    second = [(0, 2), (0, 3), (1, 3), (1, 4), (1, 5)]
    assert series == first + second
    used = [file for block in blocks for file in order.used_up(block)]
    assert used == [0, 1]


def test_categories_of_two_files_are_those_of_one_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, region, sky in (("n", "west", "rain"), ("s", "east", "sun")):
        days = [f"{name},{region},2024-01-{day:02},{day},{sky if day % 2 else 'fog'}" for day in range(1, 9)]
        Path(f"{name}.csv").write_text("\n".join(["shop,region,time,y,sky", *days, ""]))
    roles = Roles("time", ("shop",), ("y",), ("sky",), (), static=("region",), categorical=("region", "sky"))
    apart = [panel_with(read_table(name), roles) for name in ("n.csv", "s.csv")]
    whole = panel_with(read_table(["n.csv", "s.csv"]), roles)
    assert Panel.concat(apart).fingerprint() == whole.fingerprint()


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
        read_part(replace(job_of(), version="99"), "s0.csv", "s0.csv")


def run(*arguments):
    """`lstmcli predict` in this process."""
    with program().make_context("lstmcli", ["predict", "-m", "m.safetensors", *arguments]) as context:
        program().invoke(context)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "--engine", "dask"], "--engine dask reads file by file: - does not fit it"),
        (["s0.csv", "--engine", "dask", "--future", "f.csv"], "with an empty target"),
        (["s0.csv", "--engine", "dask", "--preview"], "--preview does not fit"),
        (["s0.csv", "--engine", "dask", "--max-age", "2h"], "--max-age does not fit"),
        (["s0.csv", "--engine", "dask", "--scheduler", "nowhere"], "write its address as tcp://host:8786"),
        (["s0.csv", "--scheduler", "tcp://127.0.0.1:9"], "--scheduler belongs to --engine dask"),
        (["-", "--follow", "--engine", "dask"], "--engine dask does not fit it"),
    ],
)
def test_what_does_not_go_together_is_refused(stores, arguments, message):
    with pytest.raises(UsageError, match=message):
        run(*arguments)


def test_a_missing_package_is_named(stores, monkeypatch):
    monkeypatch.setattr("lstmcli.cli.commands.many.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"needs the package distributed: pip install 'lstmcli\[dask\]'"):
        run("s0.csv", "--engine", "dask")


@pytest.fixture(scope="module")
def scheduler():
    with local_workers(2) as address:
        yield address()


@needs_dask
@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet"])
def test_a_scheduler_gives_the_bytes_of_the_local_engine(stores, scheduler, form):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    names = [*files(), "-q", "--format", form, "--level", "80"]
    run(*names, "-o", "local")
    run(*names, "-o", "dask", "--engine", "dask", "--scheduler", scheduler)
    assert Path("dask").read_bytes() == Path("local").read_bytes() != b""


@needs_dask
def test_an_error_on_a_worker_is_that_of_the_local_engine_and_nothing_is_written(stores, scheduler):
    Path("s5.csv").write_text("time,y\n" + hours(count=3) + "2024-01-01 03:00,many\n")
    with pytest.raises(DataError, match=r"^s5\.csv:5:y: 'many' is not a number$"):
        run(*files(), "-o", "made.csv", "--engine", "dask", "--scheduler", scheduler)
    assert not Path("made.csv").exists()
    assert not list(Path().glob(".made*"))


@needs_dask
def test_a_file_that_only_workers_do_not_see_is_told_so(stores):
    from lstmcli.jobs.many_files.tasks import check_seen_by_workers

    lost = InputMissing("s0.csv: no such file or directory")
    assert "on a worker; it is here" in str(check_seen_by_workers(FileFacts("s0.csv", error=lost)).error)
    assert check_seen_by_workers(FileFacts("none.csv", error=lost)).error is lost


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


@needs_dask
def test_the_program_starts_workers_and_leaves_nothing_behind(stores, predicted):
    run(*files(), "-q", "-o", "local.csv")
    made, said = predicted.communicate(timeout=120)
    assert (predicted.returncode, said) == (0, "")
    assert made == Path("local.csv").read_text()
    assert not list(Path("temporary").iterdir())
    assert not Path("home").exists()


@needs_dask
@pytest.mark.slow
def test_an_interrupt_of_the_terminal_ends_the_workers_too(predicted):
    while not list(Path("temporary").iterdir()):
        time.sleep(0.05)
    time.sleep(1)
    os.killpg(predicted.pid, signal.SIGINT)
    assert predicted.communicate(timeout=60) == ("", "lstmcli: interrupted\n")
    assert predicted.returncode in (130, -signal.SIGINT)  # the second where Python was loading a module
    assert not list(Path("temporary").iterdir())
