"""Settings as commented YAML, in the order and the groups of `Settings`."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lstmcli.settings.model import Settings

# The first setting of each group.
GROUPS = {"time": "Data", "horizon": "Windows", "cell": "Network", "steps": "Training"}
_WIDTH = 100
_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
# What YAML 1.1 or 1.2 reads as something else than a text.
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def comment_yaml(
    values: Mapping[str, Any], head: Sequence[str], notes: Mapping[str, str] | None = None
) -> str:
    """A YAML file of settings; above each its meaning, its type and, where it has another value, its
    default.

    head: lines of the comment on top; notes: comments on single settings.
    """
    lines = [f"# {_printable(line)}" for line in head]
    group = ""
    for name in Settings.model_fields:
        group = GROUPS.get(name, group)
        if name not in values:
            continue
        if f"# --- {group} ---" not in lines:
            lines += ["", f"# --- {group} ---"]
        comments = [*_description(name, values[name]), *filter(None, [(notes or {}).get(name)])]
        lines += ["", *(f"# {line}" for text in comments for line in _wrapped(text))]
        lines.append(f"{name}: {yaml_value(values[name])}")
    return "\n".join(lines) + "\n"


def settings_as(
    form: str,
    values: Mapping[str, Any],
    head: Sequence[str],
    notes: Mapping[str, str] | None = None,
) -> str:
    """form: "yaml", see `comment_yaml`, or "json", which has no comments; train -c reads both."""
    if form == "json":
        return json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    return comment_yaml(values, head, notes)


def _printable(text: str) -> str:
    """The text without line breaks, which would end a comment."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def default_settings() -> dict[str, Any]:
    """Every setting at its default, as JSON values."""
    return Settings.model_validate({}).model_dump(mode="json")


def yaml_value(value: Any) -> str:
    """One value on one line; texts that YAML would read as something else are quoted."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(yaml_value, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {yaml_value(part)}" for key, part in value.items()) + "}"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _description(name: str, value: Any) -> Iterator[str]:
    field, found = Settings.model_fields[name], Settings.model_json_schema()["properties"][name]
    yield str(field.description)
    default = "" if value == found["default"] else f"; default: {yaml_value(found['default'])}"
    yield f"type: {describe_type(found)}{default}"


def describe_type(found: Mapping[str, Any]) -> str:
    """The type of a setting in words, from its JSON schema."""
    if "anyOf" in found:
        return " or ".join(map(describe_type, found["anyOf"]))
    if "const" in found:
        return yaml_value(found["const"])
    if "enum" in found:
        return " | ".join(map(yaml_value, found["enum"]))
    kind = found["type"]
    if kind == "array":
        items = found["items"]
        words = items.get("pattern", "").removeprefix("^(").removesuffix(")$").replace("|", " | ")
        return f"list of {words or _NOUNS[items['type']] + 's'}"
    return _NOUNS[kind] + _bounds(found)


def wanted(name: str) -> str:
    """What a setting must be, as "auto or a whole number from 1"."""
    found = Settings.model_json_schema()["properties"][name]
    return " or ".join(map(_with_article, found.get("anyOf", [found])))


def _with_article(found: Mapping[str, Any]) -> str:
    if "enum" in found:
        *first, last = map(yaml_value, found["enum"])
        return f"{', '.join(first)} or {last}"
    text = describe_type(found)
    return text if "const" in found or found["type"] == "boolean" else f"a {text}"


_NOUNS = {"string": "text", "boolean": "true or false", "integer": "whole number", "number": "number"}


def _bounds(found: Mapping[str, Any]) -> str:
    low = found.get("minimum", found.get("ge"))
    bounds = [f"from {low}"] if low is not None else []
    high = found.get("maximum", found.get("le"))
    bounds += [f"to {high:,}"] if high is not None else []
    bounds += [f"above {found['exclusiveMinimum']}"] if "exclusiveMinimum" in found else []
    bounds += [f"below {found['exclusiveMaximum']}"] if "exclusiveMaximum" in found else []
    return "".join(f" {bound}" for bound in bounds)
