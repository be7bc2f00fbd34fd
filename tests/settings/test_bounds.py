"""No setting takes what no machine can do: it is refused with its place, not by a library later."""

import time

import pytest

from lstmcli.errors import SettingsError
from lstmcli.settings.load import load_settings, validate_settings
from lstmcli.settings.model import Settings

WHOLE = [
    name
    for name, field in Settings.model_json_schema()["properties"].items()
    if any(part.get("type") == "integer" for part in field.get("anyOf", [field]))
]


@pytest.mark.parametrize("value", [10**12 * 10**6, 10**53])
@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_number_has_an_end(name, value):
    with pytest.raises(SettingsError, match=f"^--set {name}={value}: {name} must be .* to 1,000"):
        load_settings(None, {}, (f"{name}={value}",))


@pytest.mark.parametrize("text", ["baseline=[]", "baseline=lag9999999", "encoding=zlib", "encoding=rot13"])
def test_what_a_library_would_stumble_over_is_refused(text):
    with pytest.raises(SettingsError, match=f"^--set {text.partition('=')[0]}="):
        load_settings(None, {}, (text,))


def test_many_unknown_settings_take_no_time():
    keys = [f"key{number}" for number in range(20_000)]
    started = time.process_time()
    with pytest.raises(SettingsError, match=r"and 19,950 more$"):
        validate_settings(dict.fromkeys(keys, 1), dict.fromkeys(keys, "a.yaml:1"))
    assert time.process_time() - started < 3
