"""The JSON schema of the settings, with which an editor completes and checks a YAML file."""

from collections.abc import Mapping
from typing import Any

from lstmcli.settings.model import Settings

DIALECT = "http://json-schema.org/draft-07/schema#"
_COMMENT = (
    "lstmcli config schema -o lstmcli.schema.json; then, as the first line of a YAML file of settings: "
    "# yaml-language-server: $schema=lstmcli.schema.json"
)
# Besides a list: one name, or several separated by commas; a column may be called 2020.
_ONE_OR_MANY = ("series", "target", "past", "future", "static", "categorical", "baseline")
Schema = dict[str, Any]


def settings_schema() -> Schema:
    """The schema of a file of settings, JSON Schema draft 7."""
    made = Settings.model_json_schema()
    properties = {name: schema_of(name, found) for name, found in made["properties"].items()}
    return {
        "$schema": DIALECT,
        "$comment": _COMMENT,
        "title": "Settings of lstmcli",
        "description": made["description"],
        "type": ["object", "null"],  # a file may be empty
        "additionalProperties": False,
        "properties": properties,
    }


def schema_of(name: str, found: Mapping[str, Any]) -> Schema:
    """The schema of one setting as a file may hold it; found: that of pydantic."""
    about = {"description": found["description"], "default": found["default"]}
    branches = [_standard(branch) for branch in found.get("anyOf", [_type_keys(found)])]
    if name in _ONE_OR_MANY:
        branches = [branch for branch in branches if branch.get("const") != "auto"]
        (many,) = branches
        number = [] if name == "baseline" else [{"type": "number"}]
        items = {"anyOf": [many["items"], *number]} if number else many["items"]
        branches = [{"type": "string"}, *number, {"type": "array", "items": items}]
    if name == "step":
        branches.append({"type": "integer", "minimum": 1})
    return about | (branches[0] if len(branches) == 1 else {"anyOf": branches})


def _type_keys(found: Mapping[str, Any]) -> Schema:
    return {key: value for key, value in found.items() if key not in ("title", "description", "default")}


def _standard(branch: Mapping[str, Any]) -> Schema:
    """Without the names that only pydantic knows."""
    renamed = {"ge": "minimum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum", "le": "maximum"}
    return {renamed.get(key, key): value for key, value in branch.items()}
