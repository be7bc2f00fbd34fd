"""The result of a search: the best settings as a file, all trials as a table or JSON."""

import json
from collections.abc import Sequence
from typing import Any

from lstmcli.jobs.tune.study import SearchTask
from lstmcli.jobs.tune.trials import Trial
from lstmcli.settings.text import settings_as, yaml_value

TUNING_VERSION = 2  # of the JSON document: 2 names the metric "metric", not "measure"
_ORDER = {"complete": 0, "pruned": 1, "cut off": 2, "refused": 3}
_REASON = 60  # characters


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
        f"{name} over {folds} folds of the training data: {best.error:.4g}"
        + (f"; with the defaults {default.error:.4g}" if default else ""),
    ]
    if not best.settings:
        head.append("No trial was better than the defaults.")
    fixed = task.base.model_dump(mode="json", exclude_unset=True)
    notes = dict.fromkeys(best.settings, "tuned")
    return settings_as(form, fixed | best.settings, head, notes)


def describe_settings(settings: dict[str, Any]) -> str:
    return ", ".join(f"{name} {yaml_value(_short(value))}" for name, value in settings.items()) or "defaults"


def _short(value: Any) -> Any:
    return float(f"{value:.3g}") if isinstance(value, float) else value


def trials_table(trials: Sequence[Trial], task: SearchTask) -> str:
    """All trials, the best first."""
    metric = task.metric.upper()
    rows = [["rank", "trial", "state", metric, "folds", "seconds", "settings"]]
    for rank, trial in enumerate(_ranked(trials), 1):
        complete = trial.state == "complete"
        error = "-" if trial.error is None else f"{trial.error:.4f}"
        about = f"{describe_settings(trial.settings)}" + (
            f" ({trial.reason[:_REASON]})" if trial.reason else ""
        )
        numbers = [str(rank) if complete else "-", str(trial.number), trial.state, error]
        rows.append([*numbers, str(len(trial.errors)), f"{trial.seconds:.1f}", about])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = [
        "  ".join([*(cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=True)), row[-1]])
        for row in rows
    ]
    return "\n".join([*lines, f"seasonal naive {metric} {task.naive:.4f}", ""])


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
