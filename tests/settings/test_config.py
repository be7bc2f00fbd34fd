"""Settings: which source wins, and what is refused, where, with which hint."""

import os
from pathlib import Path

import pytest

from lstmcli.errors import InputMissing, SettingsError
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in [name for name in os.environ if name.startswith("LSTMCLI_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path):
    """Writes a YAML file and gives its path."""

    def make(text):
        path = tmp_path / "settings.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


def complaints(path, flags=None, assignments=()):
    """Lines of the error, without the name of the YAML file."""
    with pytest.raises(SettingsError) as caught:
        load_settings(path, flags or {}, assignments)
    return str(caught.value).replace(str(path), "FILE").splitlines()


# Which source wins


def test_no_source_at_all_gives_the_defaults():
    assert load_settings(None, {}) == Settings()
    assert (Settings().cell, Settings().horizon, Settings().seed) == ("lstm", "auto", 0)


def test_each_source_wins_over_those_before_it(file, monkeypatch):
    path = file("layers: 2\nhorizon: 2\nseed: 2\nbatch: 2\n")
    monkeypatch.setenv("LSTMCLI_HORIZON", "3")
    monkeypatch.setenv("LSTMCLI_SEED", "3")
    monkeypatch.setenv("LSTMCLI_BATCH", "3")
    found = load_settings(path, {"batch": 5}, ("seed=4", "batch=4"))
    assert (found.patience, found.layers, found.horizon, found.seed, found.batch) == (8, 2, 3, 4, 5)


def test_the_last_of_two_assignments_wins():
    assert load_settings(None, {}, ("seed=1", "seed=2")).seed == 2


def test_a_flag_that_was_not_given_leaves_the_setting(file):
    assert load_settings(file("horizon: 7\n"), {"horizon": None, "cell": None}).horizon == 7


def test_the_variable_for_the_model_file_is_no_setting(monkeypatch):
    monkeypatch.setenv("LSTMCLI_MODEL", "some.safetensors")
    assert load_settings(None, {}) == Settings()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_a_file_may_be_empty(file, text):
    assert load_settings(file(text), {}) == Settings()


def test_settings_survive_being_written_and_read(file):
    import yaml

    first = Settings(target=("a", "b"), horizon=3, quantiles=(0.1, 0.5, 0.9), forget_bias="chrono")
    assert load_settings(file(yaml.safe_dump(first.model_dump(mode="json"))), {}) == first


# What values may look like


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E-3", 0.001),
        ("+1e-3", 0.001),
        (".5e-2", 0.005),
        ("2.e-3", 0.002),
        ("0.01", 0.01),
        ("1", 1),
    ],
)
def test_numbers_with_an_exponent_are_numbers(file, monkeypatch, text, value):
    assert load_settings(file(f"learning_rate: {text}\n"), {}).learning_rate == value
    assert load_settings(None, {}, (f"learning_rate={text}",)).learning_rate == value
    monkeypatch.setenv("LSTMCLI_LEARNING_RATE", text)
    assert load_settings(None, {}).learning_rate == value


@pytest.mark.parametrize("text", ["1e2", "1E2", "1e+2", ".1e3", "+1.e2"])
def test_a_whole_number_may_have_an_exponent(file, text):
    assert load_settings(file(f"batch: {text}\n"), {}).batch == 100
    assert load_settings(None, {}, (f"batch={text}",)).batch == 100


@pytest.mark.parametrize("text", ["a, b", "[a, b]", "'a,b'", "[a, 'b']"])
def test_several_columns_may_be_a_list_or_a_text(file, text):
    assert load_settings(file(f"target: {text}\n"), {}).target == ("a", "b")


def test_an_assignment_may_hold_an_equals_sign():
    assert load_settings(None, {}, ("target=a=b",)).target == ("a=b",)


def test_an_assignment_may_be_a_list():
    assert load_settings(None, {}, ("quantiles=[0.1, 0.5]",)).quantiles == (0.1, 0.5)


def test_settings_with_a_word_or_a_number_take_both():
    assert load_settings(None, {}, ("forget_bias=chrono",)).forget_bias == "chrono"
    assert load_settings(None, {}, ("forget_bias=2.5",)).forget_bias == 2.5
    assert load_settings(None, {}, ("horizon=auto",)).horizon == "auto"


# What is refused


def test_an_unknown_key_tells_file_line_and_the_nearest_name(file):
    assert complaints(file("cell: gru\n\n# a comment\nhorizn: 12\n")) == [
        "FILE:4: unknown setting 'horizn'. Did you mean 'horizon'?"
    ]


def test_an_unknown_key_that_is_near_to_none_has_no_hint(file):
    assert complaints(file("zzz: 1\n")) == ["FILE:1: unknown setting 'zzz'."]


def test_an_unknown_variable_is_named(monkeypatch):
    monkeypatch.setenv("LSTMCLI_HIDEN", "1")
    assert complaints(None) == ["LSTMCLI_HIDEN: unknown setting 'hiden'. Did you mean 'hidden'?"]


def test_an_unknown_assignment_is_quoted():
    said = complaints(None, assignments=("dropuot=0.1",))
    assert said == ["--set dropuot=0.1: unknown setting 'dropuot'. Did you mean 'dropout'?"]


def test_a_key_that_is_set_twice_tells_both_lines(file):
    said = complaints(file("horizon: 12\ncell: gru\nhorizon: 13\n"))
    assert said == ["FILE:3: 'horizon' is set twice; the first is FILE:1"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("horizon: big", "'big'"),
        ("horizon: 1.5", "1.5"),
        ("horizon: 0", "0"),
        ("horizon:", "None"),
        ("horizon: [1, 2]", "[1, 2]"),
        ("layers: 0", "0"),
        ("layers: auto", "'auto'"),
        ("cell: LSTM", "'LSTM'"),
        ("time: 5", "5"),
        ("separator: ab", "'ab'"),
        ("separator: ''", "''"),
        ("separator: '\"'", "'\"'"),
        ("target: {a: b}", "{'a': 'b'}"),
        ("dropout: 1", "1"),
        ("dropout: -0.1", "-0.1"),
        ("dropout: .nan", "nan"),
        ("learning_rate: 0", "0"),
        ("learning_rate: .inf", "inf"),
        ("clip: none", "'none'"),
        ("seed: -1", "-1"),
        ("forget_bias: large", "'large'"),
        ("quantiles: [0.1, 0.9]", "[0.1, 0.9]"),
        ("quantiles: [0.9, 0.5, 0.1]", "[0.9, 0.5, 0.1]"),
        ("quantiles: [0.5, 0.5]", "[0.5, 0.5]"),
        ("quantiles: [0, 0.5]", "[0, 0.5]"),
        ("quantiles: [0.5, 1]", "[0.5, 1]"),
    ],
)
def test_a_wrong_value_tells_line_key_and_what_was_found(file, line, found):
    (said,) = complaints(file(f"# first line\n{line}\n"))
    assert said.startswith(f"FILE:2: {line.split(':')[0]}")
    assert said.endswith(f"(found {found})")


def test_quantiles_tell_what_is_wanted(file):
    (said,) = complaints(file("quantiles: [0.1, 0.9]\n"))
    assert "must rise from above 0 to below 1 and hold 0.5" in said


def test_a_value_that_may_be_auto_or_a_number_tells_both():
    (said,) = complaints(None, assignments=("horizon=x",))
    assert said == "--set horizon=x: horizon must be auto or a whole number from 1 to 1,000,000 (found 'x')"


def test_a_wrong_flag_is_named():
    (said,) = complaints(None, flags={"cell": "lsmt"})
    assert said == "--cell must be lstm, gru or rnn (found 'lsmt')"


def test_a_wrong_value_is_not_told_when_a_later_source_mends_it(file):
    assert load_settings(file("horizon: big\n"), {"horizon": 3}).horizon == 3


def test_all_that_is_wrong_is_told_at_once(file, monkeypatch):
    monkeypatch.setenv("LSTMCLI_SEED", "x")
    path = file("horizn: 12\nhidden: big\ncell: gru\nlayers: 0\n")
    said = complaints(path, {"cell": "gur"}, ("dropot=1", "clip=-1"))
    places = {
        "FILE:1:",
        "FILE:2:",
        "FILE:4:",
        "LSTMCLI_SEED:",
        "--cell must",
        "--set dropot=1:",
        "--set clip=-1:",
    }
    assert len(said) == len(places)
    assert all(sum(line.startswith(place) for line in said) == 1 for place in places)


@pytest.mark.parametrize("text", ["horizon", "", "horizon 3"])
def test_an_assignment_without_equals_sign_is_refused(text):
    assert complaints(None, assignments=(text,)) == [f"--set {text}: write it as key=value"]


# Files that cannot be used


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "none.yaml"
    with pytest.raises(InputMissing) as caught:
        load_settings(path, {})
    assert str(caught.value) == f"{path}: no such file or directory"


def test_a_folder_is_no_settings_file(tmp_path):
    with pytest.raises(InputMissing, match="is a directory"):
        load_settings(Path(tmp_path), {})


@pytest.mark.parametrize(
    ("text", "line"),
    [("- horizon\n- 12\n", 1), ("\n\njust words\n", 3), ("12\n", 1)],
    ids=["list", "words", "number"],
)
def test_a_file_without_keys_is_refused(file, text, line):
    assert complaints(file(text)) == [f"FILE:{line}: expected lines of the form key: value"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("cell: gru\nhorizon: 3: 4\n", 2),
        ("cell: gru\n\thorizon: 3\n", 2),
        ("cell: gru\nhorizon: [1,\n", 3),
        ("cell: gru\n---\nhorizon: 1\n", 2),
    ],
    ids=["two colons", "tab", "open bracket", "two documents"],
)
def test_bad_yaml_tells_the_line(file, text, line):
    (said,) = complaints(file(text))
    assert said.startswith(f"FILE:{line}: not valid YAML: ")


def test_a_file_that_is_no_text_is_refused(file):
    assert complaints(file(b"cell: \xff\xfe\n")) == ["FILE:1: not UTF-8 text"]


def test_settings_cannot_be_changed_after_they_were_read():
    with pytest.raises(ValueError, match="frozen"):
        Settings().horizon = 3


# YAML that would do more than set settings


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("cell: gru\nhorizon: *nothing\n", 2, "an anchor or alias is not read in settings"),
        ("a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n", 1, "an anchor or alias is not read in settings"),
        ("cell: !!python/object/apply:os.getcwd []\n", 1, "a tag is not read in settings"),
        ("cell: gru\nseed: !!int 3\n", 2, "a tag is not read in settings"),
        ("cell: gru\ntarget: " + "[" * 5000, 2, "more than 8 lists or maps in one another"),
        ("? - [a]\n: 1\n", 1, "a key must be a name, not a list or map"),
        ("cell: gru\nseed: " + "9" * 5000, 2, "seed: a number of too many digits"),
        ("target:\n  a: 1\n  a: 2\n", 3, "'a' is set twice"),
        ("cell: gru\0\n", 1, "not valid YAML: the character U+0000 is not allowed"),
        ("<<: {cell: gru}\n", 1, "unknown setting '<<'."),
        ("1: 2\n", 1, "unknown setting '1'."),
    ],
)
def test_yaml_that_is_more_than_settings_is_refused_with_its_line(file, text, line, said):
    assert complaints(file(text)) == [f"FILE:{line}: {said}"]


def test_a_key_set_twice_is_told_with_all_else_that_is_wrong(file):
    said = complaints(file("seed: 1\nseed: 2\nhorizn: 3\nlayers: 0\n"))
    assert sorted(line.split(": ")[0] for line in said) == ["FILE:2", "FILE:3", "FILE:4"]


def test_a_file_that_is_too_large_for_settings_is_refused(file):
    (said,) = complaints(file("# " + "x" * 300_000))
    assert said == "FILE: more than 262,144 bytes: not a file of settings"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_file_in_another_encoding_is_refused(file, encoding):
    (said,) = complaints(file("cell: gru\n".encode(encoding)))
    assert said.startswith("FILE:1: not ")


def test_a_file_may_begin_with_the_mark_of_utf_8(file):
    assert load_settings(file("\ufeffcell: gru\n"), {}).cell == "gru"


@pytest.mark.parametrize(("path", "said"), [("/dev/zero", "is a device"), ("/dev/null", "is a device")])
def test_a_device_is_no_settings_file(path, said):
    with pytest.raises(InputMissing, match=said):
        load_settings(Path(path), {})


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputMissing, match="a pipe that nothing was written to"):
        load_settings(tmp_path / "pipe", {})


def test_a_pipe_is_read():
    reading, writing = os.pipe()
    os.write(writing, b"cell: gru\n")
    os.close(writing)
    try:
        assert load_settings(Path(f"/dev/fd/{reading}"), {}).cell == "gru"
    finally:
        os.close(reading)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("9" * 5000, "a number of too many digits"),
        ("[" * 5000, "more than 8 lists or maps in one another"),
        ("x" * 300_000, "a value of 300,000 characters"),
    ],
)
def test_a_value_of_an_assignment_has_the_same_limits(monkeypatch, value, said):
    (line,) = complaints(None, assignments=(f"seed={value}",))
    assert said in line
    assert len(line) < 400
    monkeypatch.setenv("LSTMCLI_SEED", value[:100_000] if len(value) > 100_000 else value)
    (line,) = complaints(None)
    assert line.startswith("LSTMCLI_SEED: ")
    assert len(line) < 400


@pytest.mark.parametrize("separator", ["auto", ",", "\t", " ", "|", "\\s+"])
def test_a_separator_is_one_character_or_blanks(separator):
    assert load_settings(None, {"separator": separator}).separator == separator
