"""Options with which training takes what was chosen for a model; without Settings, which load slowly."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from lstmcli.settings.assignments import typed_setting
from lstmcli.settings.reading import ReadOptions

# The defaults of settings, but for those of how training runs and those of which a model only holds what was
# decided. Of how files are read they are those of `ReadOptions`; a test compares the others.
USUAL: dict[str, Any] = {
    "series": "auto",
    "target": "auto",
    "past": [],
    "future": [],
    "static": [],
    "categorical": [],
    **{
        option.name: list(option.default) if isinstance(option.default, tuple) else option.default
        for option in fields(ReadOptions)
        if option.default is not MISSING and option.name not in ("as_written", "names")
    },
    "cell": "lstm",
    "layers": 1,
    "quantiles": [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975],
    "members": 1,
    "forget_bias": 1.0,
    "dropout": 0.0,
    "batch": 128,
    "learning_rate": 0.006,
    "weight_decay": 0.01,
    "clip": 1.0,
    "on_no_skill": "baseline",
    "mix": "auto",
    "patience": 8,
    "seed": 0,
}


def options_of_model(settings: Mapping[str, Any], horizon: int) -> list[str]:
    """settings: of the model, which need not hold all; horizon: the one that training takes where none is
    asked for."""
    chosen = settings.get("horizon", horizon)
    words = [] if chosen == horizon else ["--horizon", str(chosen)]
    for name, usual in USUAL.items():
        if settings.get(name, usual) != usual:
            words += typed_setting(name, settings[name])
    return words
