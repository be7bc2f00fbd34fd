"""A forecast as lines of text: byte for byte what Python's csv, json and repr write."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from builders import forecast_of

from lstmcli.forecasting.intervals import at_quantiles
from lstmcli.forecasting.rounded import round_values
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.lines import Lines, SampleLines
from lstmcli.tables.write.tables import forecast_table, text_of

LEVELS = (0.1, 0.5, 0.9)
FORMS = ("csv", "json", "ndjson")
PATTERN = "%d.%m.%Y, %H:%M"  # with what CSV has to quote


def made_of(values, names=("shop", "item")):
    count = len(values)
    keys = tuple((f'a, "{n}"', f"é\u2028{n % 3}")[: len(names)] for n in range(count))
    starts = np.datetime64("2024-02-28T23:00", "us") + np.arange(count) % 2 * np.timedelta64(1, "h")
    return forecast_of(values, starts, Step("fixed", HOUR), names, keys)


def written(forecasts, form, time="time", pattern=PATTERN, quantiles=LEVELS):
    lines = Lines(form, forecasts[0].key_names, time, pattern, quantiles)
    return lines.head + lines.between.join(map(lines.of, forecasts)) + lines.tail


def expected(made, form, time="time", pattern=PATTERN):
    """What pandas, csv and json make of the whole table."""
    table = forecast_table(made, time, pattern, LEVELS)
    if form != "json":
        return text_of(table, form)
    return "[\n" + ",\n".join(map(json.dumps, table.to_dict("records"))) + "\n]\n"


def random_values(kind):
    random = np.random.default_rng(1)
    values = random.normal(size=(12, 5, 3)) * 10.0 ** random.integers(-12, 18, (12, 1, 1))
    values += 10.0 ** random.integers(-12, 18, (12, 1, 1))
    if kind == "rounded":
        return round_values(values)
    if kind == "whole":
        return np.rint(random.normal(0, 1e4, values.shape))
    if kind == "few decimals":
        return random.normal(0, 1e3, values.shape).round(3)
    return values


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["rounded", "whole", "few decimals", "any"])
def test_lines_are_those_of_csv_and_json(form, kind):
    made = made_of(random_values(kind))
    assert written([made], form) == expected(made, form)


HARD = [
    *(0.0, -0.0, 1.0, -1.0, 0.1, 0.1 + 0.2, 1 / 3, 5e-324, -1e-300, 1.7976931348623157e308, 1e-4, 0.00012),
    *(9.999e-5, 9999.9999, 99999999.5, 4294967295.0, 4294967296.0, 999999999999999.0, 1e15, 1e16, 1e22),
    *(123456789012345.6, 2.5, 1e5, 100000.00001, 123456.7890123),
]


@pytest.mark.parametrize("beside", [0.0, 1.0, -12.5, 1e-3, 1e9])
def test_every_number_is_written_as_python_writes_it(beside):
    """beside: another number of the series, which decides how many decimals are expected."""
    made = made_of([[[number, beside, beside]] for number in HARD], ())
    made = replace(made, starts=made.starts[:1].repeat(len(HARD)))
    lines = written([made], "csv", (0.1,), pattern="%Y").splitlines()[1:]
    assert [line.split(",")[2] for line in lines] == [repr(number) for number in HARD]


@pytest.mark.parametrize("form", FORMS)
def test_blocks_of_series_make_the_same_text_as_all_at_once(form):
    made = made_of(random_values("rounded"))
    blocks = [
        replace(made, keys=made.keys[at], starts=made.starts[at], values=made.values[at])
        for at in (slice(0, 5), slice(5, 10), slice(10, 12))
    ]
    text = written(blocks, form)
    assert text == written([made], form)
    if form == "json":
        assert len(json.loads(text)) == 60


@pytest.mark.parametrize("form", FORMS)
def test_a_series_without_a_name_and_plain_steps(form):
    values = random_values("few decimals")[:1]
    made = forecast_of(values, np.array([95]), Step("plain", 5))
    assert written([made], form, "step", None) == expected(made, form, "step", None)


def test_quantiles_between_those_of_the_model():
    made = at_quantiles(made_of(random_values("rounded")), (0.3,))
    wanted = text_of(forecast_table(made, "time", None, (0.3,)), "csv")
    assert written([made], "csv", pattern=None, quantiles=(0.3,)) == wanted


def test_text_that_is_no_unicode_is_written_as_standard_output_writes_it():
    made = replace(made_of(random_values("whole")[:1], ("id",)), keys=(("a\udc80",),))
    assert written([made], "csv").splitlines()[1].startswith(r"a\udc80,")


@pytest.mark.parametrize("form", FORMS)
def test_paths_are_laid_out_in_parts_of_any_size(form, monkeypatch):
    starts = np.array(["2024-01-01", "2024-02-01"], "datetime64[us]")
    made = Forecast(
        ("id",), (("a",), ('b "x"',)), Step("month", 1, 1), starts, (0.1, 0.5, 0.9), np.zeros((2, 3, 3))
    )
    paths = np.round(np.random.default_rng(0).normal(size=(2, 5, 3)), 4)
    lines = SampleLines(form, ("id",), "month", "%Y-%m-%d", ())
    whole = "".join(lines.whole([lines.of_paths(made, paths)]))
    monkeypatch.setattr("lstmcli.tables.write.lines._MOST_AT_ONCE", 500)
    assert "".join(lines.whole([lines.of_paths(made, paths)])) == whole
    if form == "csv":
        rows = list(csv.reader(whole.splitlines()))
        assert rows[0] == ["id", "month", "sample", "value"]
        wanted = [
            [key, month, str(sample + 1), repr(float(paths[s, sample, step]))]
            for s, (key, months) in enumerate(
                zip(("a", 'b "x"'), (("01", "02", "03"), ("02", "03", "04")), strict=True)
            )
            for sample in range(5)
            for step, month in enumerate(f"2024-{m}-01" for m in months)
        ]
        assert rows[1:] == wanted
