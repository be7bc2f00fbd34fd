"""The result of a search: the best settings as a file, all trials as a table or JSON."""

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from lstmcli.errors.findings import plural
from lstmcli.jobs.tune.space import MultipleOf
from lstmcli.jobs.tune.study import SearchTask
from lstmcli.jobs.tune.trials import Trial, decided_values
from lstmcli.settings.text import settings_as, yaml_value

TUNING_VERSION = 2  # of the JSON document: 2 names the metric "metric", not "measure"
_ORDER = {"complete": 0, "pruned": 1, "cut off": 2, "refused": 3}
_REASON = 60  # characters
_NARROWEST = 24  # columns of settings in the table


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The least error; the earlier of two that are equal."""
    complete = [trial for trial in trials if trial.state == "complete"]
    return min(complete, key=lambda trial: trial.error or 0.0, default=None)


def default_of(trials: Sequence[Trial]) -> Trial | None:
    return next((t for t in trials if t.state == "complete" and not t.settings), None)


def settings_file(trials: Sequence[Trial], task: SearchTask, source: str, form: str = "yaml") -> str:
    """The best settings, and those that were fixed, as commented YAML or as JSON."""
    best, default = best_of(trials), default_of(trials)
    assert best is not None
    name, folds = task.metric.upper(), len(task.folds)
    head = [
        f"Found by lstmcli tune on {source}: the best of {len(trials)} trials, number {best.number}.",
        f"{name} over {plural(folds, 'fold')} of the training data: {best.error:.4g}"
        + (f"; with the defaults {default.error:.4g}" if default else ""),
    ]
    if not best.settings:
        head.append("No trial was better than the defaults.")
    fixed = task.base.model_dump(mode="json", exclude_unset=True)
    notes = dict.fromkeys(best.settings, "tuned")
    return settings_as(form, fixed | best.settings, head, notes)


def changes(trial: Trial, task: SearchTask) -> dict[str, tuple[Any, Any]]:
    """The settings of a trial that are not as in the defaults: what they are there, and in the trial.

    Where the trials take multiples of what `auto` decides, that is what it decided on the whole data.
    """
    defaults = task.base.model_dump(mode="json")
    for name, value in decided_values(task.plan).items():
        if isinstance(task.space.get(name), MultipleOf) and defaults[name] == "auto":
            defaults[name] = value
    found = {name: (defaults[name], value) for name, value in trial.settings.items()}
    return {name: (was, value) for name, (was, value) in found.items() if was != value}


def describe_trial(trial: Trial, task: SearchTask) -> str:
    """The settings in which a trial differs from the defaults: "hidden 64, cell gru"."""
    texts = (f"{name} {_text(value)}" for name, (_, value) in changes(trial, task).items())
    return ", ".join(texts) or "defaults"


def fixed_text(task: SearchTask) -> str:
    """The settings that all trials have, the defaults too, because they were given."""
    fixed = task.base.model_dump(mode="json", exclude_unset=True)
    return ", ".join(f"{name} {_text(value)}" for name, value in fixed.items())


def best_facts(trials: Sequence[Trial], task: SearchTask) -> list[tuple[str, str]]:
    """The best trial beside the defaults, and in what it differs; none where none is complete."""
    best, default = best_of(trials), default_of(trials)
    if best is None or best.error is None:
        return []
    said = f"trial {best.number}, {task.metric.upper()} {best.error:.4f}"
    differs = [f"{name} {_text(was)} -> {_text(value)}" for name, (was, value) in changes(best, task).items()]
    if not differs:
        return [("best", f"{said}: the defaults; no other settings were better")]
    if default is not None and default.error:
        said += f", {1 - best.error / default.error:.1%} less than with the defaults ({default.error:.4f})"
    return [("best", said), ("", f"differs from the defaults: {', '.join(differs)}")]


def _text(value: Any) -> str:
    return yaml_value(float(f"{value:.3g}") if isinstance(value, float) else value)


def trials_table(trials: Sequence[Trial], task: SearchTask, width: int | None = None) -> str:
    """All trials, the best first, with the settings in which they differ from the defaults.

    width: columns that a line may have; None for as many as it takes.
    """
    metric = task.metric.upper()
    rows = [["rank", "trial", "state", metric, "folds", "seconds", "differs from the defaults"]]
    for rank, trial in enumerate(_ranked(trials), 1):
        complete = trial.state == "complete"
        error = "-" if trial.error is None else f"{trial.error:.4f}"
        about = describe_trial(trial, task) + (f" ({trial.reason[:_REASON]})" if trial.reason else "")
        numbers = [str(rank) if complete else "-", str(trial.number), trial.state, error]
        rows.append([*numbers, str(len(trial.errors)), f"{trial.seconds:.1f}", about])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        start = "".join(f"{cell:>{wide}}  " for cell, wide in zip(row[:-1], widths, strict=True))
        room = len(row[-1]) + 1 if width is None else max(_NARROWEST, width - len(start))
        first, *more = textwrap.wrap(row[-1], room, break_on_hyphens=False)
        lines += [start + first, *(" " * len(start) + line for line in more)]
    fixed = fixed_text(task)
    ends = [
        *([f"fixed in all trials: {fixed}"] if fixed else []),
        f"seasonal naive {metric} {task.naive:.4f}",
    ]
    return "\n".join([*lines, *ends, ""])


def trials_json(trials: Sequence[Trial], task: SearchTask) -> str:
    """All trials, the best first, as JSON."""
    best = best_of(trials)
    made = {
        "version": TUNING_VERSION,
        "metric": task.metric,
        "folds": len(task.folds),
        "windows": sum(len(fold.origins) for fold in task.folds),
        "seasonal_naive": task.naive,
        "best": best.number if best else None,
        "trials": [
            {
                "trial": trial.number,
                "state": trial.state,
                "error": trial.error,
                "errors": list(trial.errors),
                "seconds": round(trial.seconds, 3),
                "settings": trial.settings,
                "reason": trial.reason or None,
            }
            for trial in _ranked(trials)
        ],
    }
    return json.dumps(made, indent=1, allow_nan=False) + "\n"


def _ranked(trials: Sequence[Trial]) -> list[Trial]:
    def place(trial: Trial) -> tuple[int, int, float]:
        error = float("inf") if trial.error is None else trial.error
        return _ORDER[trial.state], -len(trial.errors), error

    return sorted(trials, key=place)
