"""Settings written in YAML: plain keys, texts, numbers and lists, each with its line.

Of YAML only what settings need is read: no tags, anchors, aliases or several documents, so that a
file cannot name code, nor grow while it is read. Numbers and texts are those of YAML 1.2.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lstmcli.errors import SettingsError
from lstmcli.errors.foreign import MOST_OF_PATH, shown
from lstmcli.errors.parsing import yaml_fault
from lstmcli.files.read import bytes_of

LARGEST_YAML = 256 * 2**10  # bytes; PyYAML reads as much in two seconds
_DEEPEST = 8  # levels of lists and maps in one another


def as_yaml(document: Any) -> str:
    """JSON values as YAML, in their order."""
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    return text


class _UnsupportedYaml(yaml.MarkedYAMLError):
    """Valid YAML that settings do not use."""


class _Loader(yaml.SafeLoader):
    """YAML with the plain scalars of version 1.2: 1e-3 is a number; yes, 010 and 1:30 are texts."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}  # type: ignore[misc]
    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        for what in ("tag", "anchor"):  # an alias has the name of its anchor
            if getattr(event, what, None) is not None:
                message = f"{'a tag' if what == 'tag' else 'an anchor or alias'} is not read in settings"
                raise _UnsupportedYaml(problem=message, problem_mark=event.start_mark)
        self.depth += 1
        if self.depth > _DEEPEST:
            message = f"more than {_DEEPEST} lists or maps in one another"
            raise _UnsupportedYaml(problem=message, problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf)|\.(nan|NaN)",
        "-+.0123456789",
    ),
):
    _starts = ["" if c == "\0" else c for c in _first]
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _starts)


@dataclass(frozen=True)
class YamlSettings:
    """The content of a file: values and `file:line` by key, and messages on keys that cannot be read."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def scalar(text: str, place: str) -> Any:
    """One value as YAML would read it; a text that is no YAML stays a text.

    Raises SettingsError, beginning with `place`, for one that is too long, too deep or a number of
    too many digits.
    """
    if len(text) > LARGEST_YAML:
        raise SettingsError(f"{place}: a value of {len(text):,} characters; {LARGEST_YAML:,} at most")
    if text.startswith("#"):  # a comment to YAML
        return text
    # A mark or a separator, as | or #; ~ alone is nothing to YAML.
    if len(text) == 1 and not text.isalnum() and (text != "~" or "separator" in place.lower()):
        return text
    try:
        return yaml.load(text, Loader=_Loader)
    except _UnsupportedYaml as error:
        if "in one another" in str(error.problem):
            raise SettingsError(f"{place}: {error.problem}") from None
        return text
    except yaml.YAMLError:
        return text
    except ValueError:  # Python refuses to read whole numbers of thousands of digits
        raise SettingsError(f"{place}: a number of too many digits") from None


def read_yaml(path: Path) -> YamlSettings:
    """The settings of a file. Raises InputMissing, or SettingsError where it is not such YAML."""
    raw, name = bytes_of(path, LARGEST_YAML), shown(str(path), MOST_OF_PATH)
    if len(raw) > LARGEST_YAML:
        raise SettingsError(f"{name}: more than {LARGEST_YAML:,} bytes: not a file of settings")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{name}:{line}: not UTF-8 text") from None
    try:
        return _settings_of(_Loader(text), name)
    except _UnsupportedYaml as error:
        raise SettingsError(f"{name}:{_line(error.problem_mark)}: {error.problem}") from None
    except yaml.MarkedYAMLError as error:
        fault = f"{_column(error.problem_mark)}{yaml_fault(error.problem)}"
        raise SettingsError(f"{name}:{_line(error.problem_mark)}: not valid YAML: {fault}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = f"U+{ord(text[error.position]):04X}"
        raise SettingsError(f"{name}:{line}: not valid YAML: the character {code} is not allowed") from None


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 1


def _column(mark: Any) -> str:
    return f"column {mark.column + 1:,}: " if mark else ""


def _settings_of(loader: _Loader, name: str) -> YamlSettings:
    node = loader.get_single_node()
    if node is None or node.tag.endswith(":null"):
        return YamlSettings()
    if not isinstance(node, MappingNode):
        raise SettingsError(f"{name}:{_line(node.start_mark)}: expected lines of the form key: value")
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    problems = []
    for key_node, value_node in node.value:
        place = f"{name}:{_line(key_node.start_mark)}"
        if not isinstance(key_node, ScalarNode):
            problems.append(f"{place}: a key must be a name, not a list or map")
            continue
        key = str(key_node.value)
        if key in places:
            problems.append(f"{place}: {key!r} is set twice; the first is {places[key]}")
            continue
        places[key] = place
        repeated = _repeated(value_node)
        if repeated is not None:
            problems.append(f"{name}:{_line(repeated.start_mark)}: {repeated.value!r} is set twice")
            continue
        try:
            values[key] = loader.construct_object(value_node, deep=True)
        except ValueError:
            problems.append(f"{place}: {key}: a number of too many digits")
    return YamlSettings(values, places, tuple(problems))


def _repeated(node: Node) -> ScalarNode | None:
    """The first key that a map, or one inside of it, has twice."""
    if isinstance(node, SequenceNode):
        return next((found for part in node.value if (found := _repeated(part))), None)
    if isinstance(node, MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                if key.value in seen:
                    return key
                seen.add(key.value)
            if found := _repeated(value):
                return found
    return None
