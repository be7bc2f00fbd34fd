"""A forecast as Parquet, group by group: read back, it is the whole table as pandas writes it."""

import io
import sys

import numpy as np
import pandas as pd
import pytest

from lstmcli.errors import DataError, UsageError
from lstmcli.files.output import write_parts
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.forecast import Forecast, concat_forecasts
from lstmcli.tables.write.forms import Parquet, check_form, form_of
from lstmcli.tables.write.lines import Lines
from lstmcli.tables.write.tables import forecast_table

LEVELS = (0.1, 0.5, 0.9)
ZONES = {
    "%Y-%m-%d": None,
    "%Y-%m-%dT%H:%M%z": "UTC",
    "epoch-s": "UTC",
    "%Y-%m-%d %H:%M%z @Asia/Tokyo": "Asia/Tokyo",
}


@pytest.fixture
def parquet():
    return pytest.importorskip("pyarrow.parquet")


def block(first, count, step=None):
    """Some series of four steps, two names each."""
    starts = np.datetime64("2024-01-31T23:00", "us") + np.arange(count) * np.timedelta64(1, "D")
    return Forecast(
        ("shop.name", "item"),
        tuple((f"é {n}", f"{n % 3}") for n in range(first, first + count)),
        step or Step("fixed", HOUR),
        starts if step is None else np.arange(count),
        LEVELS,
        np.random.default_rng(first).normal(size=(count, 4, 3)),
    )


BLOCKS = [block(0, 5), block(5, 5), block(10, 5), block(15, 2)]


def whole(form, blocks=BLOCKS):
    return b"".join(form.whole(map(form.of, blocks)))


def by_pandas(pattern, blocks=BLOCKS):
    content = io.BytesIO()
    forecast_table(concat_forecasts(blocks), "time", pattern, LEVELS, typed=True).to_parquet(
        content, index=False
    )
    return content.getvalue()


@pytest.mark.parametrize("pattern", ZONES)
@pytest.mark.parametrize(("group", "groups"), [(2**17, [68]), (30, [40, 28])])  # of blocks of 20 rows
def test_groups_are_read_back_as_the_table_that_pandas_writes(pattern, group, groups, parquet):
    made, wanted = whole(Parquet("time", pattern, LEVELS, group)), by_pandas(pattern)
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(made)), pd.read_parquet(io.BytesIO(wanted)))
    ours, theirs = (parquet.ParquetFile(io.BytesIO(content)) for content in (made, wanted))
    assert ours.schema_arrow.equals(theirs.schema_arrow, check_metadata=True)
    assert [ours.metadata.row_group(n).num_rows for n in range(ours.num_row_groups)] == groups


@pytest.mark.usefixtures("parquet")
@pytest.mark.parametrize(("pattern", "zone"), ZONES.items())
def test_times_are_times(pattern, zone):
    back = pd.read_parquet(io.BytesIO(whole(Parquet("time", pattern, LEVELS))))
    assert back["time"][0] == pd.Timestamp("2024-01-31T23:00", tz=None if zone is None else "UTC")
    assert str(back["time"].dt.tz) == str(zone)


@pytest.mark.usefixtures("parquet")
def test_plain_steps_stay_integers():
    made = whole(Parquet("step", None, LEVELS), [block(0, 2, Step("plain", 5))])
    assert pd.read_parquet(io.BytesIO(made))["step"].tolist() == [0, 5, 10, 15, 1, 6, 11, 16]


@pytest.mark.usefixtures("parquet")
def test_a_group_is_written_when_its_blocks_are_there():
    form, taken = Parquet("time", "%Y", LEVELS, group=30), []
    parts = form.whole(taken.append(n) or form.of(made) for n, made in enumerate(BLOCKS))
    assert next(parts).startswith(b"PAR1")
    assert taken == [0, 1]


def failing_after(blocks, form):
    yield from map(form.of, blocks)
    raise DataError("too-large", "too much")


@pytest.mark.usefixtures("parquet")
@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_fails_before_a_group_is_full_leaves_nothing(count, tmp_path, capfdbinary):
    form, path = Parquet("time", "%Y", LEVELS), tmp_path / "out"
    path.write_bytes(b"old")
    for output in ("-", str(path)):
        with pytest.raises(DataError):
            write_parts(form.whole(failing_after(BLOCKS[:count], form)), output)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert capfdbinary.readouterr().out == b""


@pytest.mark.usefixtures("parquet")
def test_what_fails_later_is_no_whole_file(tmp_path, capfdbinary):
    form, path = Parquet("time", "%Y", LEVELS, group=30), tmp_path / "out"
    for output in ("-", str(path)):
        with pytest.raises(DataError):
            write_parts(form.whole(failing_after(BLOCKS, form)), output)
    assert not list(tmp_path.iterdir())
    written = capfdbinary.readouterr().out
    assert written.startswith(b"PAR1")
    assert not written.endswith(b"PAR1")


def test_a_form_without_its_package_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'lstmcli\[parquet\]'"):
        check_form("parquet", "-")
    check_form("csv", "-")


def test_forms_of_text_are_lines():
    assert form_of("json", ("shop",), "time", None, LEVELS) == Lines("json", ("shop",), "time", None, LEVELS)
