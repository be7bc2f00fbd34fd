"""Options with which training takes what was chosen for a model; without Settings, which load slowly."""

from collections.abc import Mapping
from typing import Any

from lstmcli.settings.assignments import typed_setting

# The defaults of settings, but for those of how training runs and those of which a model only holds what was
# decided. A test compares them.
USUAL: dict[str, Any] = {
    "time": "auto",
    "series": "auto",
    "target": "auto",
    "past": [],
    "future": [],
    "static": [],
    "categorical": [],
    "holidays": "",
    "separator": "auto",
    "decimal": "auto",
    "thousands": "auto",
    "missing": [],
    "on_flag": "read",
    "encoding": "utf-8",
    "sheet": "",
    "skip_rows": "auto",
    "comment": "auto",
    "header": True,
    "day_first": "auto",
    "timezone": "",
    "step": "auto",
    "open": "auto",
    "totals": "keep",
    "on_gap": "error",
    "on_duplicate": "error",
    "resample": "",
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
