"""Settings as commented YAML and as a schema: what is written is what is read."""

import re
from pathlib import Path

import pytest

from lstmcli.errors import SettingsError
from lstmcli.settings import model
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings
from lstmcli.settings.schema import settings_schema
from lstmcli.settings.text import GROUPS, comment_yaml, default_settings, describe_type, yaml_value


@pytest.fixture
def read(tmp_path):
    """The settings that a text of YAML gives."""

    def make(text):
        path = tmp_path / "settings.yaml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, {})

    return make


def test_the_defaults_are_read_back_as_the_defaults(read):
    text = comment_yaml(default_settings(), ["All."])
    found = read(text)
    assert found == Settings()
    assert found.model_fields_set == set(Settings.model_fields)


def test_every_setting_has_its_meaning_type_and_default_above_it():
    text = comment_yaml(default_settings() | {"layers": 3}, [])
    for name, field in Settings.model_fields.items():
        (block,) = re.findall(rf"((?:# .*\n)+){name}: ", text)
        assert field.description in block.replace("\n# ", " ")
        assert "# type: " in block
    assert "# recurrent layers\n# type: whole number from 1 to 1,000; default: 1\nlayers: 3\n" in text


def test_the_groups_are_those_of_the_source():
    source = Path(model.__file__).read_text()
    found = re.findall(r"\n    # ([A-Z]\w+)\n    (\w+):", source)
    assert {name: group for group, name in found} == GROUPS


@pytest.mark.parametrize(
    "column",
    [
        *("plain", "true", "No", "null", "2020", "1e3", "1:30", "a: b", "# a", "a, b", " a ", "it's", '"a"'),
        *(
            "tab\there",
            "line\nbreak",
            "é",
            "\x85",
            "\u2028",
            "\x7f",
            "\N{GRINNING FACE}",
            "",
            "-",
            "{a}",
            "*a",
        ),
    ],
)
def test_any_text_survives(read, column):
    assert read(f"time: {yaml_value(column)}\n").time == column
    assert read(f"target: {yaml_value([column, 'b'])}\n").target == (column, "b")


@pytest.mark.parametrize("number", [1e-5, 0.1 + 0.2, 1e22, 5e-324, 3.0])
def test_any_number_survives(read, number):
    assert read(f"weight_decay: {yaml_value(number)}\n").weight_decay == number


def test_a_line_break_in_the_head_stays_in_the_comment(read):
    assert read(comment_yaml({"seed": 3}, ["of data\nseed: 4.csv"])) == Settings(seed=3)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("horizon", "auto or whole number from 1 to 1,000,000"),
        ("cell", "lstm | gru | rnn"),
        ("dropout", "number from 0 below 1"),
        ("learning_rate", "number above 0"),
        ("target", "auto or list of texts"),
        ("baseline", "auto or list of seasonal | profile | last | drift | none | lag[1-9][0-9]*"),
        ("refit", "auto or true or false"),
    ],
)
def test_types_are_told_in_words(name, told):
    assert describe_type(Settings.model_json_schema()["properties"][name]) == told


# The schema


def fits(found, value):
    """Whether a value fits a schema: the few words of JSON schema that ours has."""
    if "anyOf" in found:
        return any(fits(branch, value) for branch in found["anyOf"])
    number = isinstance(value, int | float) and not isinstance(value, bool)
    kinds = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "number": number,
        "integer": number and value == int(value),
        "array": isinstance(value, list),
    }
    return (
        kinds[found["type"]]
        and ("const" not in found or value == found["const"])
        and ("enum" not in found or value in found["enum"])
        and ("pattern" not in found or bool(re.search(found["pattern"], value)))
        and ("minimum" not in found or value >= found["minimum"])
        and ("exclusiveMinimum" not in found or value > found["exclusiveMinimum"])
        and ("exclusiveMaximum" not in found or value < found["exclusiveMaximum"])
        and ("items" not in found or all(fits(found["items"], part) for part in value))
    )


def test_the_schema_has_only_words_that_editors_know():
    known = {"type", "anyOf", "const", "enum", "pattern", "minimum", "exclusiveMinimum", "exclusiveMaximum"}
    known |= {"items", "description", "default", "maximum", "maxLength"}

    def words(found):
        yield from found
        for part in [*found.get("anyOf", []), *filter(None, [found.get("items")])]:
            yield from words(part)

    made = settings_schema()
    assert made["additionalProperties"] is False
    assert "yaml-language-server" in made["$comment"]
    assert list(made["properties"]) == list(Settings.model_fields)
    for found in made["properties"].values():
        assert set(words(found)) <= known
        assert found["description"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name, value in default_settings().items()),
        *(("target", "a, b"), ("target", 2020), ("target", ["a", 2020]), ("step", 15), ("step", "1h")),
        *(
            ("baseline", "seasonal"),
            ("baseline", ["lag168", "none"]),
            ("forget_bias", "chrono"),
            ("horizon", 3),
        ),
        *(
            ("horizon", 0),
            ("horizon", "x"),
            ("horizon", 1.5),
            ("cell", "LSTM"),
            ("dropout", 1),
            ("header", "on"),
        ),
        *(("target", True), ("layers", "auto"), ("learning_rate", 0), ("baseline", ["x"]), ("seed", -1)),
    ],
)
def test_the_schema_takes_what_a_file_may_hold(read, name, value):
    try:
        read(f"{name}: {yaml_value(value)}\n")
        taken = True
    except SettingsError:
        taken = False
    assert fits(settings_schema()["properties"][name], value) is taken


def test_a_choice_is_stated_once_and_each_of_its_words_has_code():
    from typing import get_args

    from lstmcli.network.cells import GATES
    from lstmcli.settings import choices
    from lstmcli.settings.reading import ReadOptions

    assert get_args(choices.Cell) == tuple(GATES)
    assert get_args(choices.TransformChoice) == ("auto", *get_args(choices.Transform))
    assert get_args(choices.LocationChoice) == ("auto", *get_args(choices.Location))
    properties = Settings.model_json_schema()["properties"]
    for name, kind in (("on_gap", choices.OnGap), ("device", choices.DeviceChoice), ("cell", choices.Cell)):
        assert tuple(properties[name]["enum"]) == get_args(kind)
    annotations = ReadOptions.__dataclass_fields__
    assert annotations["on_gap"].type == choices.OnGap
    assert annotations["on_duplicate"].type == choices.OnDuplicate
