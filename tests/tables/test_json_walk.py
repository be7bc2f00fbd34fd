"""JSON decoded part by part, against Python's decoder of whole texts; what it keeps in memory."""

import json
import random
import tracemalloc

import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import json_lines, json_rows, json_tables, json_walk, read_table
from lstmcli.tables.read.json_tables import json_text
from lstmcli.tables.read.json_walk import JsonWalk, LongValueError
from lstmcli.tables.read.other_forms import source_as_text
from lstmcli.tables.read.sources import TableSource

OPTIONS = ReadOptions()


def drawn(rng, depth=0):
    """Any value; texts have the signs of lists and objects in them."""
    kind = rng.randrange(6 if depth < 4 else 4)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice([0, -1, 12345, 1.5, -2e300, 7])
    if kind in (2, 3):
        return "".join(rng.choice('ab,}]{["\\\n: ü😀') for _ in range(rng.randrange(9)))
    if kind == 4:
        return [drawn(rng, depth + 1) for _ in range(rng.randrange(5))]
    return {str(n) + ',}"'[: n % 4]: drawn(rng, depth + 1) for n in range(rng.randrange(4))}


def written(value):
    """Numbers as texts, as they are in JSON."""
    if isinstance(value, list):
        return [written(v) for v in value]
    if isinstance(value, dict):
        return {k: written(v) for k, v in value.items()}
    return json.dumps(value) if type(value) in (int, float) else value


@pytest.fixture
def small(monkeypatch):
    """Blocks and runs of a few characters."""
    monkeypatch.setattr(json_walk, "_RUN", 40)
    monkeypatch.setattr(json_walk, "_BLOCK", 8)
    monkeypatch.setattr(json_walk, "_MARGIN", 0)


def test_a_list_is_walked_as_it_is(small):
    for seed in range(400):
        rng = random.Random(seed)
        values = [drawn(rng) for _ in range(rng.randrange(12))]
        indent, separators = rng.choice([(None, (",", ":")), (None, (" , ", " : ")), (2, None)])
        text = json.dumps(values, indent=indent, separators=separators, ensure_ascii=rng.random() < 0.5)
        walk = JsonWalk(text + ' , "x": [1]}')
        assert list(walk.elements(0)) == written(values), (seed, text)
        assert walk.end == len(text)


def test_text_is_json_where_the_decoder_says_so(small, tmp_path):
    """A sign is put in, taken away or changed: the walk accepts what Python's decoder accepts, or the other
    way round neither."""
    agreed = set()
    for seed in range(600):
        rng = random.Random(seed)
        values = {"a": [drawn(rng, 3) for _ in range(6)], "b": drawn(rng, 2)}
        text = json.dumps(values if seed % 2 else [values, values])
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(["", *',]}[{":1\\']) + text[at + rng.randrange(2) :]
        try:
            json.loads(text)
            right = True
        except ValueError:
            right = False
        try:
            json_text(TableSource(str(tmp_path / "x.json"), text.encode()), OPTIONS)
            found = True
        except DataError as error:
            found = "not JSON" not in str(error)
        assert found == right, (seed, text)
        agreed.add(right)
    assert agreed == {True, False}


def test_a_value_of_too_many_characters_has_an_end(small, monkeypatch):
    monkeypatch.setattr(json_walk, "LONGEST_VALUE", 64)
    assert list(JsonWalk(json.dumps([["x" * 20]] * 9)).elements(0)) == [["x" * 20]] * 9
    with pytest.raises(LongValueError):
        list(JsonWalk(json.dumps([list(range(100))] * 2)).elements(0))
    with pytest.raises(json.JSONDecodeError, match="column 6"):
        list(JsonWalk("[[1, ," + " 2," * 100).elements(0))


def test_numbers_are_as_they_are_written():
    assert list(JsonWalk("[1.50e00, -0, NaN, 1.234]").elements(0)) == ["1.50e00", "-0", "NaN", "1.2340"]


@pytest.mark.parametrize("form", ["objects", "columns", "lines"])
def test_rows_are_not_kept_as_objects(form, monkeypatch):
    """The objects of so many rows alone would take more than 1 MB."""
    count = 3000
    monkeypatch.setattr(json_tables, "_PIECE", 2**12)
    monkeypatch.setattr(json_tables, "MADE_TOGETHER", 100)
    monkeypatch.setattr(json_lines, "_TOGETHER", 2**10)
    monkeypatch.setattr(json_walk, "_RUN", 2**10)
    rows = [{"step": n, "v": n % 7} for n in range(count)]
    text = {
        "objects": json.dumps(rows),
        "lines": "".join(json.dumps(row) + "\n" for row in rows),
        "columns": json.dumps({"step": list(range(count)), "v": [n % 7 for n in range(count)]}),
    }[form].encode()
    json_text(TableSource("x.json", b'[{"a": 1}]'), OPTIONS)  # imports
    tracemalloc.start()
    made = json_text(TableSource("x.json", text), OPTIONS)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made.content == "".join(f"{n},{n % 7}\n" for n in range(count)).encode()
    assert most < 700_000


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"t": [1, 2], "v": [5, {"a": 3, "b": {"c": 4}}]}', {"t": [1, 2], "v": [5, ""], "v.a": ["", 3]}),
        ('{"t": [1, 2], " v": [5, {" a": 3}]}', {"t": [1, 2], "v": [5, ""], "v.a": ["", 3]}),
        ('[{" t ": 1, "v": 3}, {"v": 5, "t": 2, "w": 6}]', {"t": [1, 2], "v": [3, 5], "w": ["", 6]}),
        ('\n\n{"t": 1}\n\n{"t": 2, "v": 5}\n', {"t": [1, 2], "v": ["", 5]}),
    ],
)
def test_columns_have_the_names_of_all_rows(tmp_path, text, rows):
    path = tmp_path / "data.json"
    path.write_text(text)
    frame = read_table(str(path)).frame
    for name, cells in rows.items():
        assert ["" if pd.isna(cell) else cell for cell in frame[name]] == cells


def test_more_names_than_columns_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(json_tables, "MOST_COLUMNS", 9)
    path = tmp_path / "data.json"
    path.write_text(json.dumps([{f"n{n}": 1} for n in range(10)]))
    with pytest.raises(DataError, match="more than 9 names"):
        read_table(str(path))


SPARSE = [{"t": n, f"c{n}": 1} for n in range(30)]


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        (json.dumps(SPARSE), "'.[] | {time"),
        ("\n".join(map(json.dumps, SPARSE)), "'{time"),
        (json.dumps({"unit": "kW", "data": SPARSE}), "'.data[] | {time"),
        (json.dumps({"the 'rows": SPARSE}), "'.NAME[] | {time"),
        (json.dumps({"t": list(range(30)), "c": [0, *SPARSE[2:], 5]}), "'.[] | {time"),
    ],
)
def test_a_table_that_is_nearly_empty_is_refused_before_it_fills_the_memory(text, keep, monkeypatch):
    """30 rows of 31 names each."""
    monkeypatch.setattr(json_rows, "MOST_EMPTY", 929)
    monkeypatch.setattr(json_rows, "CELLS_OF_CHARACTER", 0)
    with pytest.raises(DataError, match="30 objects have 31 names, and most have few of them") as refused:
        json_text(TableSource("x.json", text.encode()), OPTIONS)
    assert f"jq -c {keep}" in str(refused.value)
    monkeypatch.setattr(json_rows, "MOST_EMPTY", 930)
    assert json_text(TableSource("x.json", text.encode()), OPTIONS).content.count(b",") == 900


@pytest.mark.parametrize(
    "text",
    [
        '[{"t": 1, "v": 3}, {"t": 2, "v": 5, " v": 7}]',
        '{"t": 1, "v": 3}\n{"t": 2, "v": 5, " v": 7}',
        '[{"t": 1, "v": {"a": 1}, "v.a": 2}]',
        '{"t": [1, 2], "v": [3, 5], "v ": [7, 9]}',
        '[{"t": 1, "v": 3}, {"t": 2, "v": 5, "v": 7}]',
        '{"t": 1, "v": 3}\n{"t": 2, "v": 5, "v": 7}',
        '{"t": 1, "v": 3, "v": 4}\n{"t": 2, "v": 5}',
        '{"t": [1, 2], "v": [3, 5], "v": [7, 9]}',
    ],
)
def test_two_values_of_one_name_are_refused(text):
    with pytest.raises(DataError, match="one object has two values that are called 'v") as refused:
        json_text(TableSource("x.json", text.encode()), OPTIONS)
    assert refused.value.kind == "duplicate-column"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_document_that_begins_with_a_mark_is_json(encoding):
    text = '[{"t": 1, "v": 3}, {"t": 2, "v": 5}]'
    made = source_as_text(TableSource("x.json", text.encode(encoding)), OPTIONS)
    assert made.made and made.names == ("t", "v")


def test_lines_that_are_objects_only_together_are_none():
    """Between lines that are decoded together stands a text that they may have themselves."""
    lines = ['{"t": 1}', '{"t": 2},"\\ue000",{"t": 3}', '{"c": [{}', "{}]}", '{"t": 4}']
    for between in ("\\ue000", "\\uE000", "\ue000"):
        text = "\n".join(lines).replace("\\ue000", between)
        with pytest.raises(DataError, match=r"x.json:2: the line is no JSON object"):
            json_text(TableSource("x.json", text.encode()), OPTIONS)


def test_breaks_of_lines_in_texts_become_blanks():
    text = json.dumps([{"t": 1, "v": "a\rb"}, {"t": "c\r\nd\ne", "v": None}, {"t": None, "v": ""}])
    assert json_text(TableSource("x.json", text.encode()), OPTIONS).content == b"1,a b\nc d e,\n\n"


def test_values_of_all_kinds_stand_as_they_are():
    """A flag, a list and an object in a row whose keys were seen as those of a line before."""
    rows = [{"t": 1, "v": "x"}, {"t": 2, "v": True}, {"t": 3, "v": [1]}, {"t": 4, "v": {"w": 1.234}}]
    made = json_text(TableSource("x.json", json.dumps(rows).encode()), OPTIONS)
    assert (made.names, made.content) == (("t", "v", "v.w"), b'1,x,\n2,true,\n3,"[""1""]",\n4,,1.2340\n')
