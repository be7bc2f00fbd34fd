"""The data contract: whether a panel is like the one that a model was trained on.

Columns and step are checked when the table is read (`tables.read.for_contract`), the values here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import UsageError
from lstmcli.errors.findings import MOST_SHOWN, Finding, SeriesCount, first_few, plural
from lstmcli.errors.foreign import quoted
from lstmcli.model_file import FINGERPRINT, Contract, Model
from lstmcli.series.calendar import Step, positions
from lstmcli.series.panel import Key, Panel
from lstmcli.settings.reading import ReadOptions
from lstmcli.windows.covariates import describe_unseen

_FAR = 0.5  # of the range of training, beyond its ends
_FAR_COVARIATE = 10.0  # standard deviations of training


def fingerprints(keys: Iterable[Key]) -> str:
    """Short hashes of the names of series, sorted, one behind the other."""
    return "".join(sorted({_fingerprint(key) for key in keys}))


def _fingerprint(key: Key) -> str:
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:FINGERPRINT]


def last_times(panel: Panel) -> tuple[str, ...]:
    """Last times of the history: one where all series end together, else one for each of
    `fingerprints` in their order."""
    latest: dict[str, Any] = {}
    ends = panel.ends
    if (ends == ends[0]).all():
        return (str(ends[0]),)
    for key, end in zip(panel.keys, ends, strict=True):
        name = _fingerprint(key)
        latest[name] = max(latest.get(name, end), end)
    found = [str(latest[name]) for name in sorted(latest)]
    return tuple(found[:1] if len(set(found)) == 1 else found)


def options_with(contract: Contract, typed: Mapping[str, Any]) -> ReadOptions:
    """The options of reading of training, with typed ones instead of some.

    Raises UsageError for a step or bins that are not the step of the model, open times that are found in
    another way, and another column of times.
    """
    options, own = contract.options.changed(typed), contract.step
    if "time" in typed:
        _check_time_column(contract, options.time)
    bins = options.resampling
    steps = {"step": options.parsed_step, "resample": bins.step if bins else None}
    fixed = f"the step of the model is {own.describe()} and cannot be changed"
    for name, step in steps.items():
        if name in typed and step is not None and not is_step_of(own, step):
            raise _of_the_model(f"--{name} {typed[name]}: {fixed}")
    if own.kind == "open" and options.open == "always":
        raise _of_the_model(f"--set open=always: {fixed}")
    return options


def is_step_of(own: Step, step: Step) -> bool:
    """Whether a typed step is that of a model, whose closed times do not count."""
    return (step.kind, step.count) == ("fixed" if own.kind == "open" else own.kind, own.count)


def _of_the_model(said: str) -> UsageError:
    return UsageError(f"{said}; lstmcli train makes a model of another, -m builtin takes any")


def takes_times_from(contract: Contract, typed: str) -> bool:
    """Whether the setting `time` is "auto", or names the column, or the columns, of the times."""
    joined = contract.options.known.joined
    parts = tuple(part.strip() for part in typed.split(","))
    named = typed in ("auto", contract.roles.time or "none", contract.options.time)
    return named or (joined is not None and parts == joined.columns)


def _check_time_column(contract: Contract, typed: str) -> None:
    """Raises UsageError for a column that the model does not take its times from: it would not be read."""
    if takes_times_from(contract, typed):
        return
    own = contract.roles.time
    has = f"takes its times from the column {quoted(own)}" if own else "was trained on rows without times"
    said = f"--time {typed}: the model {has}; rename the column in the data, or leave --time out"
    raise _of_the_model(said)


def trained_lengths(panel: Panel, contract: Contract) -> NDArray[np.int64] | None:
    """How many rows at the start of each history, (series,), lie no later than those that a model was
    trained on; 0 for a series that it has not seen. None where the model does not tell."""
    if not contract.ends:
        return panel.lengths if panel.fingerprint() == contract.data_sha256 else None
    packed = contract.known_series
    names = [packed[at : at + FINGERPRINT] for at in range(0, len(packed), FINGERPRINT)]
    ends = dict(zip(names, contract.ends * (len(names) if len(contract.ends) == 1 else 1), strict=True))
    found = np.zeros(len(panel), np.int64)
    for s, key in enumerate(panel.keys):
        end = ends.get(_fingerprint(key))
        if end is not None:
            time = np.array([end]).astype(panel.starts.dtype)
            found[s] = positions(time, panel.starts[s], panel.step)[0][0] + 1
    return np.clip(found, 0, panel.lengths)


def check_contract(panel: Panel, model: Model) -> list[Finding]:
    """How the data differs from that of training, as warnings and notes."""
    return [*check_series(panel, model), *check_covariates(panel, model)]


def check_series(panel: Panel, model: Model) -> list[Finding]:
    """What `check_contract` finds in the series themselves; covariates may still be missing."""
    contract, shape = model.contract, model.network.shape
    found = [_new_series(panel, contract), _short_history(panel, model)]
    found.append(_out_of_range(panel, contract, shape.context, model.network.scaling.transform == "log"))
    return [finding for finding in found if finding]


def is_known(panel: Panel, contract: Contract) -> NDArray[np.bool_]:
    """(series,) whether training has seen a series; of all where the model does not tell."""
    return known_keys(panel.keys, contract)


def known_keys(keys: Sequence[Key], contract: Contract) -> NDArray[np.bool_]:
    """The same of series by their keys."""
    packed = contract.known_series
    known = {packed[at : at + FINGERPRINT] for at in range(0, len(packed), FINGERPRINT)}
    return np.array([not known or _fingerprint(key) in known for key in keys], bool)


def _new_series(panel: Panel, contract: Contract) -> Finding | None:
    new = [panel.exact_name(int(s)) for s in np.flatnonzero(~is_known(panel, contract))]
    if not new:
        return None
    message = f"{plural(len(new), 'series', 'series')} not seen in training: {first_few(new)}"
    return Finding(
        "note", "new-series", message, len(new), tuple(SeriesCount(name, 1) for name in new[:MOST_SHOWN])
    )


def _short_history(panel: Panel, model: Model) -> Finding | None:
    """Series with fewer values than one season, or than one step of the network reads."""
    if not model.network.is_trained:  # what forecasts without training takes any history
        return None
    season, segment = model.network.shape.season, model.network.arch.segment
    needed = min(max(season, segment), model.network.shape.context)
    observed = _observed(panel, model.network.shape.context)
    few = np.flatnonzero(observed < needed)
    if not few.size:
        return None
    names = [panel.exact_name(int(s)) or "the series" for s in few]
    message = (
        f"{plural(few.size, 'series', 'series')} with fewer than {needed} values to forecast from "
        f"({'a season' if season >= segment else 'what one step reads'}): {first_few(names)}"
    )
    counts = tuple(
        SeriesCount(name, int(observed[s])) for name, s in zip(names[:MOST_SHOWN], few, strict=False)
    )
    return Finding("warning", "short-history", message, int(few.size), counts)


def _observed(panel: Panel, context: int) -> NDArray[np.int64]:
    """Observed values in the last `context` of each history, (series,)."""
    seen = np.concatenate([[0], np.cumsum(~np.isnan(panel.values))])
    last = panel.offsets[:-1] + panel.lengths
    first = np.maximum(last - context, panel.offsets[:-1])
    return np.asarray(seen[last] - seen[first])


def _recent(panel: Panel, context: int) -> NDArray[np.bool_]:
    """Rows that a forecast looks at, (rows,): the last `context` of each history."""
    change = np.zeros(len(panel.values) + 1, np.int64)
    last = panel.offsets[:-1] + panel.lengths
    np.add.at(change, np.maximum(last - context, panel.offsets[:-1]), 1)
    np.add.at(change, last, -1)
    return np.asarray(np.cumsum(change[:-1]) > 0)


def _out_of_range(panel: Panel, contract: Contract, context: int, logarithmic: bool) -> Finding | None:
    low, high = contract.smallest, contract.largest
    recent = np.where(_recent(panel, context), panel.values, np.nan)
    if logarithmic and low > 0:
        reach = (high / low) ** _FAR
        far = (recent < low / max(reach, 2.0)) | (recent > high * max(reach, 2.0))
    else:
        reach = _FAR * max(high - low, abs(low), abs(high)) if high == low else _FAR * (high - low)
        far = (recent < low - reach) | (recent > high + reach)
    if not far.any():
        return None
    rows = np.flatnonzero(far)
    series = np.searchsorted(panel.offsets, rows, side="right") - 1
    which, counts = np.unique(series, return_counts=True)
    first = int(rows[0] - panel.offsets[series[0]])
    name, time = panel.name(int(series[0])), panel.times(int(series[0]), first, 1)[0]
    message = (
        f"{plural(rows.size, 'value')} in {plural(which.size, 'series', 'series')} far outside the training "
        f"range {low:g} to {high:g}; the first is {panel.values[rows[0]]:g} at {panel.shown_time(time)}"
        + (f" in {name}" if name else "")
    )
    most = np.argsort(-counts, kind="stable")[:MOST_SHOWN]
    listed = tuple(SeriesCount(panel.exact_name(int(which[k])) or "the series", int(counts[k])) for k in most)
    return Finding("warning", "out-of-range", message, int(rows.size), listed)


def check_covariates(panel: Panel, model: Model) -> list[Finding]:
    """What `check_contract` finds in the covariates."""
    standard, contract = model.network.scaling.covariates, model.contract
    known = np.concatenate([panel.past, panel.future], axis=1).astype(np.float64)
    names = contract.roles.numeric((*contract.roles.past, *contract.roles.future))
    if not known.shape[1] or len(names) != known.shape[1] or len(standard.mean) != known.shape[1]:
        return []
    away = np.abs(standard.apply(known)) > _FAR_COVARIATE
    away[:, : panel.past.shape[1]] &= _recent(panel, len(panel.values))[:, None]  # none is known ahead
    counts = away.sum(axis=0)
    if not counts.any():
        return []
    far = [f"{names[k]} ({int(counts[k]):,})" for k in np.flatnonzero(counts)]
    message = (
        f"{plural(int(counts.sum()), 'value')} of covariates more than {_FAR_COVARIATE:g} standard "
        f"deviations from the mean of training: {first_few(far)}"
    )
    return [Finding("warning", "out-of-range", message, int(counts.sum()))]


def unseen_categories(panel: Panel, model: Model) -> list[Finding]:
    """Categories of a panel, as a forecast reads it, that training has not seen."""
    lines = describe_unseen(panel, model.network.scaling) if panel.categories else []
    consequence = "they are forecast as an unknown one"
    return [Finding("warning", "unseen-category", f"{line}; {consequence}", 1) for line in lines]
