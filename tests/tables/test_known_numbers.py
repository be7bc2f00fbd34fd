"""What a model remembers of how numbers are written, and what a stream goes on with."""

import json
import random
from dataclasses import asdict

import numpy as np
import pytest
from number_tables import GERMAN, days, table_text

from lstmcli.errors import DataError
from lstmcli.model_file.reading_fields import options_field
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.roles import Roles
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import NumberForm, TableReading, reading_from
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.cache.arrays import Sizes
from lstmcli.tables.read import panel_for_contract, panel_of, read_table, time_pattern
from lstmcli.tables.read.fast_path import read_plain_file
from lstmcli.tables.read.for_contract import contract_of
from lstmcli.tables.read.stream import form_of_lines, parse_lines, with_reading
from lstmcli.tables.read.trained_range import check_trained_range

NAN = float("nan")


def contract_for(path, text, **settings):
    path.write_text(text, encoding="utf-8")
    settings = Settings(**settings)
    table = read_table(str(path), settings.options)
    panel, roles = panel_of(table, settings)
    return contract_of(table, panel, roles), roles, panel.step


def test_a_model_reads_an_ambiguous_file_as_training_read_its_own(tmp_path):
    path = tmp_path / "data.csv"
    german = table_text({"v": ["868", "1.003", "1.237"]}, ";", GERMAN)
    contract, roles, step = contract_for(path, german)
    assert contract.options.known.numbers == {"v": NumberForm(",", ".")}
    path.write_text(table_text({"v": ["1.003", "1.237", "1.129"]}))
    panel, _ = panel_for_contract(read_table(str(path), contract.options), roles, step)
    assert panel.values.tolist() == [1003.0, 1237.0, 1129.0]
    path.write_text(table_text({"v": ["1003.5", "1237.25", "1129"]}))  # not written like that
    panel, _ = panel_for_contract(read_table(str(path), contract.options), roles, step)
    assert panel.values.tolist() == [1003.5, 1237.25, 1129.0]


def test_a_model_knows_that_a_point_marks_decimals(tmp_path):
    path = tmp_path / "data.csv"
    contract, roles, step = contract_for(path, table_text({"v": ["0.5", "1.003", "7.125"]}))
    assert contract.options.known.numbers == {"v": NumberForm()}
    path.write_text(table_text({"v": ["7", "1.003", "5.125"]}))
    assert read_plain_file(contract, contract.options, [str(path)]).panel.values.tolist() == [7, 1.003, 5.125]
    table = read_table(str(path), contract.options)
    assert (panel_for_contract(table, roles, step)[0].values.tolist(), table.notes) == ([7, 1.003, 5.125], ())


def test_a_model_of_whole_numbers_decides_for_each_file(tmp_path):
    path = tmp_path / "data.csv"
    contract, roles, step = contract_for(path, table_text({"v": ["868", "987", "1003"]}))
    assert contract.options.known.numbers == {}
    path.write_text(table_text({"v": ["868", "987", "1.003"]}))
    assert read_plain_file(contract, contract.options, [str(path)]) is None
    panel, _ = panel_for_contract(read_table(str(path), contract.options), roles, step)
    assert panel.values.tolist() == [868.0, 987.0, 1003.0]


def test_names_and_times_of_a_model_stay_as_they_are_written(tmp_path):
    path = tmp_path / "data.csv"
    rows = [(day, size) for day in days(12) for size in ("10 %", "20 %")]
    text = "date,size,y\n" + "".join(f"{day},{size},1.5\n" for day, size in rows)
    contract, roles, step = contract_for(path, text, series=("size",))
    assert contract.options.as_written == ("date", "size")
    panel, _ = panel_for_contract(read_table(str(path), contract.options), roles, step)
    assert panel.keys == (("10 %",), ("20 %",))


def test_times_with_marks_of_thousands_are_read_and_written_as_whole_numbers(tmp_path):
    path = tmp_path / "data.csv"
    text = "time,y\n" + "".join(f'"{1704337200 + 3600 * n:,}",{n}.5\n' for n in range(12))
    contract, roles, step = contract_for(path, text)
    assert contract.options.known.time == "epoch-s"
    table = read_table(str(path), contract.options)
    panel, _ = panel_for_contract(table, roles, step)
    assert panel.starts[0] == np.datetime64("2024-01-04T03:00")
    assert time_pattern(table, "time") == "epoch-s"


def test_a_model_file_keeps_how_numbers_were_written(tmp_path):
    known = TableReading({"v": NumberForm(",", "space", "kWh", True)})
    options = ReadOptions(known=known, missing=("n.a.",), as_written=("t",))
    document = json.loads(json.dumps(asdict(options)))
    assert reading_from(document["known"]) == known
    assert options_field(document, "options") == options
    for name in ("known", "missing", "as_written", "thousands"):  # of an older file
        del document[name]
    assert options_field(document, "options") == ReadOptions()


def stream_of(lines, known=None, separator=",", **given):
    """Numbers of a stream of days and values."""
    options = ReadOptions(known=TableReading(known or {}), **given)
    header = f"date{separator}v"
    roles = Roles("date", (), ("v",), (), ())
    step = Step("fixed", 24 * HOUR)
    form = form_of_lines([header, *lines], options, roles, step, "%Y-%m-%d")
    found = []
    for number, line in enumerate(lines):
        form = with_reading(form, [line])
        found += parse_lines(form, [line], number + 2, "%Y-%m-%d")[0].numbers["v"].tolist()
    return found


@pytest.mark.parametrize(
    ("cells", "known", "separator", "numbers"),
    [
        (["1.003,5", "12,25", "7"], None, ";", [1003.5, 12.25, 7.0]),
        (["1.003", "987", "NA"], {"v": NumberForm(",", ".")}, ";", [1003.0, 987.0, NAN]),
        (["$1.50", "$7.25", "$5"], {"v": NumberForm(unit="$")}, ",", [1.5, 7.25, 5.0]),
        (["$1.50", "$7.25", "$5"], None, ",", [1.5, 7.25, 5.0]),
        (["1,5", "7,25"], {"v": NumberForm()}, ";", [1.5, 7.25]),
        (["5", "7", "1.25"], {"v": NumberForm(unit="$")}, ",", [5.0, 7.0, 1.25]),
    ],
)
def test_a_stream_goes_on_with_what_the_model_knows(cells, known, separator, numbers):
    lines = [f"{day}{separator}{cell}" for day, cell in zip(days(len(cells)), cells, strict=True)]
    np.testing.assert_array_equal(stream_of(lines, known, separator), numbers)


@pytest.mark.parametrize(("cell", "name"), [("1.182", "a point"), ('"1,182"', "a comma")])
def test_a_row_of_a_stream_with_an_open_mark_is_refused_with_a_mend_that_works(cell, name):
    marks = ".,"
    lines = [f"{day},{cell}" for day, cell in zip(days(3), ["300", cell, "288"], strict=True)]
    with pytest.raises(DataError) as refused:
        stream_of(lines)
    mends = [f"--set decimal={one} --set thousands={two}" for one, two in (marks, marks[::-1])]
    text = cell.strip('"')
    assert str(refused.value) == (
        f"standard input:3:v: {text!r} may have {name} for decimals or for thousands; say which: "
        + " or ".join(mends)
    )
    for decimal, thousands in (marks, marks[::-1]):
        number = float(text.replace(thousands, "").replace(decimal, "."))
        assert stream_of(lines, decimal=decimal, thousands=thousands) == [300.0, number, 288.0]


def test_a_stream_whose_rows_showed_decimals_goes_on_with_them():
    lines = [f"{day},{cell}" for day, cell in zip(days(3), ["300", "301.5", "1.182"], strict=True)]
    assert stream_of(lines) == [300.0, 301.5, 1.182]
    lines = [f"{day},{cell}" for day, cell in zip(days(3), ["$300", "$301.5", "$1.182"], strict=True)]
    assert stream_of(lines) == [300.0, 301.5, 1.182]
    with pytest.raises(DataError, match=r"'\$1\.182' may have a point"):
        stream_of([lines[0], lines[2]])


UNITS = {
    "another unit": (
        ["5.5 kWh", "7 kWh"],
        "6 Wh",
        "'6 Wh' is in Wh, the model was trained on numbers in kWh",
    ),
    "no sign": (["5.5 %", "7 %"], "6", "'6' has no unit, the model was trained on numbers in %"),
    "per mille": (["5.5 %", "7 %"], "6 ‰", "'6 ‰' is in ‰, the model was trained on numbers in %"),
    "another currency": (["$5.5", "$7"], "€6", "'€6' is in €, the model was trained on numbers in $"),
    "per cent": (["0.05", "0.07"], "6 %", "'6 %' is in %, the model was trained on numbers without a unit"),
}


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_that_the_model_does_not_know_is_refused(tmp_path, name):
    cells, cell, said = UNITS[name]
    path = tmp_path / "data.csv"
    contract, roles, step = contract_for(path, table_text({"v": cells}))
    path.write_text(table_text({"v": [cell] * 3}), encoding="utf-8")
    assert read_plain_file(contract, contract.options, [str(path)]) is None
    with pytest.raises(DataError) as refused:
        panel_for_contract(read_table(str(path), contract.options), roles, step)
    assert str(refused.value) == f"{path}:2:v: {said}; write the column in that way"


def test_the_sign_of_a_currency_may_be_left_out(tmp_path):
    path = tmp_path / "data.csv"
    contract, roles, step = contract_for(path, table_text({"v": ["$5.5", "$7"]}))
    path.write_text(table_text({"v": ["6", "7"]}))
    panel, _ = panel_for_contract(read_table(str(path), contract.options), roles, step)
    assert panel.values.tolist() == [6.0, 7.0]


@pytest.mark.parametrize("trained", [["288", "717", "300"], ["288.5", "717", "300"]])
def test_the_range_of_training_shows_that_a_point_may_mark_thousands(tmp_path, trained):
    path = tmp_path / "data.csv"
    contract, roles, step = contract_for(path, table_text({"v": trained}))
    path.write_text(table_text({"v": ["2.182", "1.182"]}))
    panel, _ = panel_for_contract(read_table(str(path), contract.options), roles, step)
    assert panel.values.tolist() == [2.182, 1.182]
    with pytest.raises(DataError) as refused:
        check_trained_range(panel, contract, contract.options, "a.csv")
    assert str(refused.value) == (
        "a.csv:v: values such as 2.182 may have a point for decimals or for thousands, and are far below "
        f"those of training, {min(map(float, trained)):g} to 717; say which: --set decimal=. "
        "--set thousands=, or --set decimal=, --set thousands=."
    )
    check_trained_range(panel, contract, contract.options.changed({"decimal": "."}), "a.csv")


@pytest.mark.parametrize(
    "values", [[1.5, 2.5], [2.182, 1.18251], [300.125, 290.5], [2.0, 1.0], [11.182, 9.182]]
)
def test_other_numbers_far_below_those_of_training_are_left_to_the_warning(tmp_path, values):
    path = tmp_path / "data.csv"
    contract, _, _ = contract_for(path, table_text({"v": ["288", "717"]}))
    path.write_text(table_text({"v": values}))
    panel, _ = panel_of(read_table(str(path)), Settings())
    check_trained_range(panel, contract, contract.options, "a.csv")


def styled(seed):
    """A table with cells of all styles in some rows of its last column, others plain."""
    rng = random.Random(seed)
    styles = [
        "1,234",
        "1.234",
        "1.234,5",
        "$5",
        "5 %",
        "(5)",
        "5-",
        "1'234",
        "NA",
        "--",
        "1.2K",
        "-9999",
        "x",
    ]
    cells = [str(rng.choice([rng.randrange(2000), round(rng.gauss(9, 99), 2)])) for _ in range(40)]
    for _ in range(rng.choice([1, 2, 30])):
        cells[rng.randrange(40)] = rng.choice(styles)
    return table_text({"a": [*range(40)], "v": cells}, rng.choice(",;\t"), rng.choice(["%Y-%m-%d", GERMAN]))


@pytest.mark.parametrize("seed", range(25))
def test_cells_of_many_styles_are_read_alike_in_pieces(tmp_path, seed):
    path, settings = tmp_path / "data.csv", Settings()
    path.write_text(styled(seed))
    cache = Cache(tmp_path / "cache", lambda *_: None, sizes=Sizes(20 + seed, 32, 40, -1))

    def outcome(read):
        try:
            table, panel, roles = read()
        except DataError as error:
            return str(error)
        return panel.fingerprint(), roles, table.notes, table.reading.reading

    def whole():
        table = read_table(str(path), settings.options)
        return table, *panel_of(table, settings)

    assert outcome(lambda: panel_for_training([str(path)], settings, cache)) == outcome(whole)
