"""Texts that are no JSON or no YAML are told in our words, with their place."""

import json

import pytest
import yaml

from lstmcli.errors.parsing import json_fault, yaml_fault

JSON = [
    ('{"a": 1,\n "b": }', "line 2, column 7: a value is expected"),
    ('{"a": 1,\n "b"  2}', "line 2, column 7: a colon is expected behind a name"),
    ("[1 2]", "line 1, column 4: a comma or the end of the list or object is expected"),
    ("{a: 1}", "line 1, column 2: a name between double quotes is expected"),
    ('{"a": 1} 2', "line 1, column 10: something stands behind the end of the document"),
    ('["a', "line 1, column 2: a text has no closing quote"),
    ('["a\nb"]', "line 1, column 4: a line break or another control character stands in a text"),
    (r'["\q"]', "line 1, column 3: a backslash stands before a sign that it cannot stand before"),
    ('{"a": [1,', "line 1, column 10: the text breaks off"),
    ("9" * 5000, "a number of too many digits"),
]


def refused(read, text):
    try:
        read(text)
    except ValueError as error:
        return error
    raise AssertionError("it was read")


@pytest.mark.parametrize(("text", "said"), JSON, ids=range(len(JSON)))
def test_what_is_wrong_with_json(text, said):
    assert json_fault(refused(json.loads, text)) == said


def test_lines_of_json_count_on_and_bytes_are_named():
    assert json_fault(refused(json.loads, '{"a": tru}'), 40) == "line 40, column 7: a value is expected"
    assert json_fault(refused(bytes.decode, b'{"\xff')) == "byte 3: not UTF-8 text"


YAML = {
    "a: [1, 2\nb: x": "a list that begins with [ needs a comma between its values and ] at its end",
    "a: {b: 1\nc: x": "a map that begins with { needs a comma between its values and } at its end",
    'a: "x\n': "a text has no closing quote",
    "\ta: 1": r"a value cannot begin with '\\t': put it in quotes",
    "a: `x`": "a value cannot begin with '`': put it in quotes",
    "a: 1: 2": "a colon too many: put a text with colons in quotes",
    "a: 1\n---\nb: 2": "there is more than one document",
    'a: "\\q"': "\\ cannot stand before 'q': use single quotes",
    "a: b\n- c": "the line is indented otherwise than those before it",
    "a: - b": "an entry of a list or map is not expected here",
    "a:\n  b\nc\n": "a colon is expected behind the key of the line before",
    "a: !<": "a sign that is not expected here: put the text in quotes",
}


@pytest.mark.parametrize("text", YAML, ids=range(len(YAML)))
def test_what_is_wrong_with_yaml(text):
    with pytest.raises(yaml.MarkedYAMLError) as error:
        list(yaml.safe_load_all(text) if "---" not in text else [yaml.safe_load(text)])
    assert yaml_fault(error.value.problem) == YAML[text]
