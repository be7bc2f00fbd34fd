"""The search space: settings with choices, ranges or multiples of what "auto" decides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lstmcli.errors import SettingsError
from lstmcli.settings.load import validate_settings
from lstmcli.settings.model import Settings
from lstmcli.settings.text import describe_type, yaml_value

_WORDS = ({"among"}, {"times"}, {"from", "to"}, {"from", "to", "log"})
_DECIDED = ("context", "segment", "hidden", "steps")
# With other values of these, errors of trials could not be compared.
_FIXED = (
    *("time", "series", "target", "past", "future", "static", "categorical", "separator", "decimal"),
    *(
        "encoding",
        "header",
        "day_first",
        "timezone",
        "step",
        "on_gap",
        "on_duplicate",
        "resample",
        "thousands",
        "missing",
        "on_flag",
    ),
    *("horizon", "season", "quantiles", "validation", "refit", "processes", "device", "seed"),
)


@dataclass(frozen=True)
class OneOf:
    """One of several values."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class MultipleOf:
    """A multiple of the whole number that "auto" decides."""

    factors: tuple[float, ...]


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`, drawn evenly, or evenly on a logarithmic scale."""

    low: float
    high: float
    log: bool

    @property
    def whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)


Choice = OneOf | MultipleOf | Range
Space = Mapping[str, Choice]

DEFAULT_SPACE: Space = {
    "context": MultipleOf((0.5, 1, 2)),
    "segment": MultipleOf((0.5, 1, 2)),
    "transform": OneOf(("auto", "none")),
    "baseline": OneOf(("auto", "none", "seasonal", ["seasonal", "none"])),
    "cell": OneOf(("lstm", "gru")),
    "layers": OneOf((1, 2)),
    "hidden": MultipleOf((0.5, 1, 2)),
    "dropout": OneOf((0.0, 0.1, 0.2)),
    "steps": MultipleOf((0.5, 1, 2)),
    "batch": OneOf((64, 128, 256)),
    "learning_rate": Range(1.5e-3, 1.2e-2, True),
    "weight_decay": Range(1e-3, 1e-1, True),
}
_HEAD = """\
# Where lstmcli tune looks, for: lstmcli tune DATA -c THIS_FILE
# A setting is searched where it is one of
#   {among: [a, b, c]}         one of these values
#   {from: a, to: b}           a number in between; log: true for even steps of its logarithm
#   {times: [0.5, 1, 2]}       so many times what auto decides: context, segment, hidden, steps
# and fixed where it is a plain value, as in any file of settings. Without a searched setting all of
# these are, apart from those that are fixed."""


# Study files name the kinds of choices so; with other names those of earlier versions could not go on.
_STUDY_NAMES = {"OneOf": "Among", "MultipleOf": "Times", "Range": "Between"}


def study_text(space: Space) -> str:
    """A space as study files hold it, to tell whether a study is of the same space."""
    parts = []
    for name, choice in space.items():
        kind, _, values = repr(choice).partition("(")
        parts.append(f"{name!r}: {_STUDY_NAMES[kind]}({values}")
    return "{" + ", ".join(parts) + "}"


def space_text() -> str:
    """The default space as commented YAML."""
    properties = Settings.model_json_schema()["properties"]
    lines = [_HEAD]
    for name, choice in DEFAULT_SPACE.items():
        text = f"{properties[name]['description']} ({describe_type(properties[name])})"
        lines += ["", f"# {text}", f"{name}: {yaml_value(_as_map(choice))}"]
    return "\n".join(lines) + "\n"


def _as_map(choice: Choice) -> dict[str, Any]:
    if isinstance(choice, OneOf):
        return {"among": list(choice.values)}
    if isinstance(choice, MultipleOf):
        return {"times": list(choice.factors)}
    return {"from": choice.low, "to": choice.high} | ({"log": True} if choice.log else {})


def split_space(
    chosen: Mapping[str, Any], places: Mapping[str, str], problems: tuple[str, ...] = ()
) -> tuple[Settings, Space]:
    """The settings that are fixed, and the space that is searched.

    Raises SettingsError naming all that is wrong at once, each with its place.
    """
    space: dict[str, Choice] = {}
    wrong: list[str] = []
    for name, value in chosen.items():
        if isinstance(value, Mapping):
            try:
                space[name] = _choice(name, value)
            except ValueError as error:
                wrong.append(f"{places[name]}: {name}: {error}")
                continue
            wrong += _misfits(name, space[name], places[name])
    fixed = {name: value for name, value in chosen.items() if not isinstance(value, Mapping)}
    try:
        settings = validate_settings(fixed, places, problems)
    except SettingsError as error:
        wrong.insert(0, str(error))
    if wrong:
        raise SettingsError("\n".join(wrong))
    if not space:
        space = {name: choice for name, choice in DEFAULT_SPACE.items() if name not in fixed}
    return settings, space


def _choice(name: str, value: Mapping[str, Any]) -> Choice:
    """Raises ValueError."""
    if name in _FIXED:
        raise ValueError("cannot be searched: the errors of trials could not be compared")
    if set(value) not in _WORDS:
        raise ValueError(
            "write {among: [a, b]}, {from: a, to: b}, {from: a, to: b, log: true} or {times: [1, 2]}"
        )
    if "among" in value:
        return OneOf(tuple(_several(value["among"], "among")))
    if "times" in value:
        return _times(name, _several(value["times"], "times"))
    low, high, log = value["from"], value["to"], value.get("log", False)
    if not (_is_number(low) and _is_number(high) and low < high) or not isinstance(log, bool):
        raise ValueError("from and to must be numbers that rise, log true or false")
    if log and low <= 0:
        raise ValueError("from must be above 0 on a logarithmic scale")
    return Range(low, high, log)


def _times(name: str, factors: Sequence[Any]) -> MultipleOf:
    if name not in _DECIDED:
        raise ValueError(f"times is for {', '.join(_DECIDED)}")
    if not all(_is_number(factor) and factor > 0 for factor in factors):
        raise ValueError("times takes numbers above 0")
    return MultipleOf(tuple(factors))


def _several(values: Any, word: str) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise ValueError(f"{word} takes a list")
    return values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _misfits(name: str, choice: Choice, place: str) -> Iterator[str]:
    """What is wrong with the values of a choice."""
    candidates: tuple[Any, ...] = ()
    if isinstance(choice, OneOf):
        candidates = choice.values
    elif isinstance(choice, Range):
        candidates = (choice.low, choice.high)
    elif name not in Settings.model_fields:
        candidates = (1,)
    messages = []
    for value in candidates:
        try:
            validate_settings({name: value}, {name: place})
        except SettingsError as error:
            messages.append(str(error))
    yield from dict.fromkeys(messages)
