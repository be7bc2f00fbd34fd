"""Which columns of numbers are forecast, and why others are not."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lstmcli.settings.assignments import set_option
from lstmcli.tables.read.all_rows import AllRows, ColumnFacts, column_facts
from lstmcli.tables.read.column_names import (
    TARGET_NAMES,
    date_part_range,
    is_amount_name,
    is_counter_name,
    is_demand_name,
    is_driver_name,
)

LEFT_OUT = "left out: "  # begins the note
_COUNTED = 20  # rows that a column of any name must count to pass for row numbers
_SHOWN = 8  # columns of one reason that are named


class LeftOut(StrEnum):
    """Why a column is left out, as the note says it; where nothing else can be forecast, the last of these
    is."""

    EMPTY = "empty"
    DATE_PART = "part of the time"
    COUNTER = "row numbers"
    CONSTANT = "one value only"
    STATIC = "one value in each series"
    YES_OR_NO = "yes or no"
    FLAG = "0 or 1"
    DRIVER = "likely a covariate"
    NUMBER = "number"
    TEXT = "text"
    OTHER = "not named"


_WORTH = tuple(LeftOut)


@dataclass(frozen=True)
class ChosenTargets:
    """columns: to forecast; left_out: why others are not, at least those of numbers."""

    columns: tuple[str, ...]
    left_out: dict[str, LeftOut]


def choose_targets(
    numeric: Sequence[str],
    named: Sequence[str],
    series: Sequence[str],
    rows: AllRows,
    unread: Collection[str] = (),
) -> ChosenTargets:
    """The columns that the user named, else that of a usual name, else all that look like measured values.

    What is no target beside another (one value only, row numbers, a part of the date, 0 or 1) is one where
    there is none. unread: columns of numbers that reading refuses, and says why, where they are targets.
    """
    if len(numeric) + len(named) < 2:
        return ChosenTargets((*named, *numeric), {})
    facts = {c: column_facts(rows.numbers(c)) for c in numeric if c not in unread}
    found = {c: None if c in unread else _reason(c, facts[c]) for c in numeric}
    flat = [c for c, of in facts.items() if of.empty or of.constant]
    usual = [c for c in numeric if c.lower() in TARGET_NAMES and c not in flat]
    chosen = tuple(named or usual[:1])
    if not chosen:
        families = {_family(c) for c in numeric if not found[c]}
        for c in numeric:  # item_7 with its zeros and ones beside item_1 to item_99 is one of them
            if found[c] == LeftOut.FLAG and _family(c) != c and _family(c) in families:
                found[c] = None
    open_ones = [c for c in numeric if not found[c] and c not in chosen]
    found |= {c: LeftOut.STATIC for c in open_ones if series and c not in unread and rows.same_in(series, c)}
    if not chosen and any(is_demand_name(c) for c in numeric if not found[c]):
        found |= {c: LeftOut.DRIVER for c in numeric if not found[c] and is_driver_name(c)}
    chosen = chosen or tuple(c for c in numeric if not found[c]) or _last_resort(found)
    return ChosenTargets(chosen, {c: why or LeftOut.NUMBER for c, why in found.items() if c not in chosen})


def _reason(column: str, facts: ColumnFacts) -> LeftOut | None:
    """Why a column is no target beside another; None where it may be one."""
    if facts.empty:
        return LeftOut.EMPTY
    if facts.constant:
        return LeftOut.CONSTANT
    part = date_part_range(column)
    if part and part[0] <= facts.lowest <= facts.highest <= part[1] and (facts.whole or part[1] > 366):
        return LeftOut.DATE_PART
    counts = facts.whole and facts.counts and facts.lowest in (0, 1)
    if counts and facts.highest - facts.lowest >= _COUNTED - 1:
        return LeftOut.COUNTER
    if facts.whole and (facts.counts or facts.rises) and is_counter_name(column):
        return LeftOut.COUNTER
    return LeftOut.FLAG if facts.flag else None


def _family(column: str) -> str:
    return re.sub(r"\d+", "", str(column))


def _last_resort(found: dict[str, LeftOut | None]) -> tuple[str, ...]:
    def worth(column: str) -> tuple[bool, int]:
        flat = found[column] in (LeftOut.CONSTANT, LeftOut.STATIC)
        return flat and is_amount_name(column), _WORTH.index(found[column] or LeftOut.NUMBER)

    best = max(map(worth, found))
    return tuple(column for column in found if worth(column) == best)


def left_out_note(left_out: dict[str, LeftOut], targets: Sequence[str], rows: AllRows) -> str:
    """One line on all columns that serve for nothing, by reason, with what to type to use them."""
    return LEFT_OUT + "; ".join(_groups(left_out, targets, rows))


def _groups(left_out: dict[str, LeftOut], targets: Sequence[str], rows: AllRows) -> Iterator[str]:
    for reason in dict.fromkeys(left_out.values()):
        columns = [column for column, why in left_out.items() if why == reason]
        more = len(columns) - _SHOWN
        named = ", ".join(map(str, columns[:_SHOWN])) + (f" and {more:,} more" if more > 0 else "")
        yield f"{named} ({reason}{_mend(reason, columns, targets, rows)})"


def _mend(reason: LeftOut, columns: Sequence[str], targets: Sequence[str], rows: AllRows) -> str:
    if reason == LeftOut.STATIC:
        return f": {set_option('static', columns[:_SHOWN])}"
    flag = reason in (LeftOut.FLAG, LeftOut.YES_OR_NO)
    if not flag and reason not in (LeftOut.TEXT, LeftOut.NUMBER, LeftOut.DRIVER):
        return ""
    usable = [column for column in columns[:_SHOWN] if _may_help(column, reason, rows)]
    if not usable:
        return ""
    said = f": {set_option('past', usable)}"
    if flag:
        said += f", or {set_option('future', usable)} where known ahead"
    if reason == LeftOut.DRIVER:
        said += f"; to forecast as well {set_option('target', [*targets, *usable])}"
    return said


def _may_help(column: str, reason: LeftOut, rows: AllRows) -> bool:
    """Whether a column can be a covariate: it has no hole, and its texts come back."""
    if rows.has_empty(column):
        return False
    return reason != LeftOut.TEXT or 2 * rows.distinct(column) <= len(rows)
