"""Alarms out: as a table, as gauges of Prometheus, as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmcli.errors.foreign import shown
from lstmcli.evaluation.alarms.told import AGAIN, CLOSED, ENDS, ToldRows
from lstmcli.series.calendar import Times
from lstmcli.series.panel import Key
from lstmcli.series.roles import Roles
from lstmcli.tables.write.dialects import PLAIN_DIALECT, OutputDialect
from lstmcli.tables.write.forms import content_of_table, is_typed
from lstmcli.tables.write.tables import written_times
from lstmcli.tables.write.times import format_stamps

if TYPE_CHECKING:
    import pandas as pd

ALARM_COLUMNS = ("value", "expected", "lower", "upper", "p", "kind", "alarm")
_MEANINGS = {
    "shift": "the level of the last rows has changed",
    "spread": "the errors of the last rows are larger than usual",
    "stuck": "the value stays where it used to change",
}
_DIGITS = 4  # of p and of bounds in sentences
_GAUGES = {
    "value": "Newest value of the series that was judged.",
    "expected": "Median of the forecast of it, one step before.",
    "lower": "Below this it alone would be an alarm.",
    "upper": "Above this it alone would be an alarm.",
    "p": "How rare such a row is where nothing is wrong, 0 to 1.",
}


@dataclass(frozen=True)
class AlarmNames:
    """What series and columns are called.

    keys, key_names   as of `Panel`
    pattern  how time stamps are written, None for plain steps
    """

    roles: Roles
    keys: Sequence[Key]
    key_names: tuple[str, ...]
    pattern: str | None

    def series(self, number: int) -> str:
        """Of the target, where there is one series; "" for a row of all series."""
        return "" if number < 0 else " ".join(self.keys[number]) or self.roles.targets[0]

    def times(self, times: Times) -> list[Any]:
        """As the input writes them."""
        return [str(t) for t in np.asarray(format_stamps(times, self.pattern)).tolist()]


def alarm_content(
    rows: ToldRows,
    names: AlarmNames,
    form: str,
    dialect: OutputDialect = PLAIN_DIALECT,
    going_on: Mapping[int, str] | None = None,
) -> str | bytes:
    """A table in a form of `files.endings.TABLE_ENDINGS`, or gauges for the form "prom".

    going_on: the kind of the alarm of each series with one, -1 where the file is late, for the gauges. A text
    without rows is empty, without a header.
    """
    if form == "prom":
        return "".join(_gauges(rows, names, going_on or {}))
    table = alarm_table(rows, names, is_typed(form))
    return content_of_table(table, form, dialect) if len(rows) or is_typed(form) or form == "json" else ""


def alarm_table(rows: ToldRows, names: AlarmNames, typed: bool = False) -> "pd.DataFrame":
    """`alarm_columns` as a table."""
    import pandas as pd

    return pd.DataFrame(alarm_columns(rows, names, typed))


def alarm_columns(rows: ToldRows, names: AlarmNames, typed: bool = False) -> dict[str, Any]:
    """One row each: series columns, time, value, expected, lower, upper, p, kind, alarm. A column of the data
    that is called like one of these keeps its name, and the other has `_` before it.

    typed: time stamps as such, not written.
    """
    keys = [names.keys[s] if s >= 0 else None for s in rows.series.tolist()]
    columns: dict[str, Any] = {
        name: np.array([key[k] if key else None for key in keys], object)
        for k, name in enumerate(names.key_names)
    }
    columns[names.roles.time or "step"] = written_times(rows.time, names.pattern, typed)
    numbers = {name: getattr(rows, name) for name in ("value", "expected", "lower", "upper")}
    made = {**numbers, "p": _rounded(rows.p), "kind": _or_none(rows.kind), "alarm": _or_none(rows.alarm)}
    return columns | {_free(name, columns): part for name, part in made.items()}


def alarm_lines(rows: ToldRows, names: AlarmNames) -> Iterator[dict[str, Any]]:
    """The fields of each alarm that begins or ends, with a sentence under "message"."""
    chosen = rows.select(rows.changes)
    times = names.times(chosen.time)
    for k, at in enumerate(times):
        yield {
            "series": names.series(int(chosen.series[k])),
            "at": at,
            "kind": chosen.kind[k],
            "alarm": chosen.alarm[k],
            **{
                name: _finite(getattr(chosen, name)[k])
                for name in ("value", "expected", "lower", "upper", "p")
            },
            "message": _sentence(chosen, k, names, at),
        }


def _sentence(rows: ToldRows, k: int, names: AlarmNames, at: str) -> str:
    name, kind, alarm = shown(names.series(int(rows.series[k]))), rows.kind[k], rows.alarm[k]
    if kind == "late":
        return f"rows come again from {at} on" if alarm == ENDS else f"no row from {at} on [late]"
    if kind == "new":
        return f"{name}: a new series, from {at} on [new]"
    if kind in ("silent", "missing"):
        begun = "no rows" if kind == "silent" else "rows left out"
        return (
            f"{name}: rows again at {at} [{kind} ends]"
            if alarm == ENDS
            else f"{name}: {begun} from {at} on [{kind}]"
        )
    said = f"{name}: {rows.value[k]:.{_DIGITS}g} at {at}"
    if kind == CLOSED:
        return f"{said}, a closed time [{kind}]"
    if alarm == ENDS:
        return f"{said} and before as usual again [{kind} ends]"
    if not np.isnan(rows.expected[k]):
        bounds = f"{rows.lower[k]:.{_DIGITS}g} to {rows.upper[k]:.{_DIGITS}g}"
        said += f", expected {rows.expected[k]:.{_DIGITS}g} ({bounds})"
    more = f"; {_MEANINGS[kind]}" if kind in _MEANINGS else ""
    return f"{said}{more} [{kind}{', a further fault' if alarm == AGAIN else ''}]"


def _gauges(rows: ToldRows, names: AlarmNames, going_on: Mapping[int, str]) -> Iterator[str]:
    """The text format of Prometheus: the newest row of each series, its alarm, and whether no row came in
    time."""
    yield from _family("late", "Whether no row came in time.", [f"lstmcli_late {int(-1 in going_on)}\n"])
    last = {
        int(s): at for at, s in enumerate(rows.series.tolist()) if s >= 0 and not np.isnan(rows.value[at])
    }
    for name, text in _GAUGES.items():
        values = getattr(rows, name)[list(last.values())]
        lines = [
            f"lstmcli_{name}{_braced(_labels(s, names))} {float(f'{value:.7g}')!r}\n"
            for s, value in zip(last, values.tolist(), strict=True)
            if np.isfinite(value)
        ]
        yield from _family(name, text, lines)
    alarms = [
        f"lstmcli_alarm{_braced({**_labels(s, names), 'kind': going_on.get(s, '')})} {int(s in going_on)}\n"
        for s in range(len(names.keys))
    ]
    yield from _family("alarm", "Whether an alarm goes on, and of which kind.", alarms)


def _family(name: str, text: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"# HELP lstmcli_{name} {text}\n# TYPE lstmcli_{name} gauge\n"
        yield from lines


def _labels(series: int, names: AlarmNames) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in zip(names.key_names, names.keys[series], strict=True):
        label = _label(name)
        while label in found or label == "kind":  # another column, or the label of the alarm
            label += "_"
        found[label] = text
    return found if found else {"series": names.roles.targets[0]}


def _label(name: str) -> str:
    """A column as the name of a label: letters, digits and _."""
    made = "".join(sign if sign.isascii() and (sign.isalnum() or sign == "_") else "_" for sign in name)
    return made if made[:1].isalpha() else f"_{made}"


def _braced(labels: dict[str, str]) -> str:
    """Texts with backslashes, quotes and line breaks escaped, and nothing else, as Prometheus reads them."""
    escaped = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\n"})
    return "{" + ",".join(f'{name}="{text.translate(escaped)}"' for name, text in labels.items()) + "}"


def _rounded(p: Any) -> Any:
    """With as many digits as they are good for."""
    return np.array([float(f"{value:.{_DIGITS}g}") for value in p.tolist()])


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _or_none(words: Any) -> Any:
    return np.array([word or None for word in words.tolist()], object)


def _free(name: str, columns: dict[str, Any]) -> str:
    return f"_{name}" if name in columns else name
