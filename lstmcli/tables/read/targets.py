"""Which columns of numbers are forecast, and why others are not."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lstmcli.series.totals import are_sums, is_total_name
from lstmcli.settings.assignments import set_option
from lstmcli.tables.read.all_rows import AllRows, ColumnFacts, column_facts
from lstmcli.tables.read.cell_kinds import TIME_WORDS
from lstmcli.tables.read.column_names import (
    TARGET_NAMES,
    date_part_range,
    is_amount_name,
    is_code_name,
    is_counter_name,
    is_demand_name,
    is_driver_name,
    is_economy_name,
    is_few_codes_name,
    is_foreseen_name,
    is_place,
    is_price_name,
    is_spending_name,
    is_stamp,
    is_traded_name,
)
from lstmcli.tables.read.mends import step_of_cycle
from lstmcli.tables.read.own_columns import own_columns
from lstmcli.tables.read.running_sums import running_sums

LEFT_OUT = "left out: "  # begins the note
_COUNTED = 20  # rows that a column of any name must count to pass for row numbers
_FEW = 12  # codes of a flag, at most
_SHOWN = 8  # columns of one reason that are named
_LEAST_CYCLE, _LOOKED_AT = 11, 1000  # the highest number of what counts parts of times; rows


class LeftOut(StrEnum):
    """Why a column is left out, as the note says it; where nothing else can be forecast, the last of these
    is."""

    EMPTY = "empty"
    OWN = "written by lstmcli"
    DATE_PART = "part of the time"
    COUNTER = "row numbers"
    CONSTANT = "one value only"
    STATIC = "one value in each series"
    YES_OR_NO = "yes or no"
    FLAG = "0 or 1"
    CODED = "numbers and texts"
    STAMP = "another time"
    CODE = "likely a code"
    PLACE = "likely a place"
    FORESEEN = "likely a forecast, a plan or the year before"
    TOTAL = "the sum of the others"
    RUNNING = "a running sum"
    DRIVER = "likely a covariate"
    NUMBER = "number"
    TEXT = "text"
    LABEL = "text, one value in each series"
    OTHER = "not named"


_WORTH = tuple(LeftOut)
# Guessed: the note says how to forecast them as well.
_LIKELY = (
    *(LeftOut.STAMP, LeftOut.CODE, LeftOut.PLACE, LeftOut.FORESEEN, LeftOut.TOTAL, LeftOut.RUNNING),
    LeftOut.DRIVER,
)


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
    times: Callable[[dict[str, ColumnFacts]], Sequence[str]] = lambda facts: (),
) -> ChosenTargets:
    """The columns that the user named, else that of a usual name, else all that look like measured values.

    What is no target beside another (one value only, row numbers, a part of the date, 0 or 1) is one where
    there is none. unread: columns of numbers that reading refuses, and says why, where they are targets;
    times: finds those that say the time of their rows again.
    """
    if len(numeric) + len(named) < 2:
        only = [c for c in numeric if c in unread or not column_facts(rows.numbers(c)).empty]
        return ChosenTargets((*named, *only), {})
    facts = {c: column_facts(rows.numbers(c)) for c in numeric if c not in unread}
    found = {c: None if c in unread else _reason(c, facts[c]) for c in numeric}
    found |= dict.fromkeys(own_columns([*numeric, *named]) - {*named}, LeftOut.OWN)
    found |= {c: LeftOut.CODED for c, why in found.items() if _has_texts(c, why, rows)}
    alone = Counter(map(_family, numeric))  # HE1 to HE24 with values of 0 to 11 in turn count nothing
    counting = [c for c, of in facts.items() if not found[c] and alone[_family(c)] == 1]
    found |= {c: LeftOut.DATE_PART for c in counting if _counts_parts(c, facts[c], rows)}
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
    if not chosen:
        found |= dict.fromkeys(times({c: of for c, of in facts.items() if not found[c]}), LeftOut.STAMP)
        found |= _likely_others({c: of for c, of in facts.items() if not found[c]}, rows)
        found |= _drivers([c for c in numeric if not found[c]])
        found |= _totals([c for c in numeric if not found[c] and c not in unread], rows)
        summed = running_sums([c for c in numeric if not found[c] and c not in unread], bool(series), rows)
        found |= dict.fromkeys(summed, LeftOut.RUNNING)
    chosen = chosen or tuple(c for c in numeric if not found[c]) or _last_resort(found)
    names = set(chosen)
    return ChosenTargets(chosen, {c: why or LeftOut.NUMBER for c, why in found.items() if c not in names})


def _has_texts(column: str, why: LeftOut | None, rows: AllRows) -> bool:
    """Whether one that seems to hold one number, or 0 and 1, holds texts too, as codes of holidays."""
    numbers = {LeftOut.CONSTANT: 1, LeftOut.FLAG: 2}.get(why) if why else None
    return numbers is not None and rows.distinct(column) > numbers


def _likely_others(facts: Mapping[str, ColumnFacts], rows: AllRows) -> dict[str, LeftOut]:
    """Those of some columns that are codes, places or forecasts by their names and numbers; none where no
    other is among them."""
    found = {c: why for c, of in facts.items() if (why := _likely_other(c, of, rows))}
    if sum(len(str(c)) == 2 and str(c).isupper() for c in facts) > 2:
        found.pop("ID", None)  # Idaho
    return found if len(found) < len(facts) else {}


def _likely_other(column: str, facts: ColumnFacts, rows: AllRows) -> LeftOut | None:
    """Looks at the values of a few names alone."""
    if facts.whole and is_stamp(column, facts.lowest, facts.highest):
        return LeftOut.STAMP
    if facts.whole and is_code_name(column):
        return LeftOut.CODE
    if facts.whole and is_few_codes_name(column) and rows.distinct(column) <= min(_FEW, facts.seen / 3):
        return LeftOut.CODE
    if is_place(column, facts.lowest, facts.highest):
        return LeftOut.PLACE
    return LeftOut.FORESEEN if is_foreseen_name(column) else None


def _drivers(columns: Sequence[str]) -> dict[str, LeftOut]:
    """Those that likely drive another, which is called like a demand."""
    drivers = [c for c in columns if is_driver_name(c)]
    traded = any(map(is_traded_name, columns)) and not all(map(is_price_name, drivers))
    demand = [c for c in columns if is_demand_name(c)]
    if all(map(is_spending_name, demand)) and all(is_economy_name(c) or is_price_name(c) for c in drivers):
        drivers = [] if any(map(is_economy_name, drivers)) else drivers
    return dict.fromkeys(drivers, LeftOut.DRIVER) if traded or demand else {}


def _totals(columns: Sequence[str], rows: AllRows) -> dict[str, LeftOut]:
    """Those called a total that are the sum of all others."""
    named = [c for c in columns if is_total_name(str(c))]
    parts = [c for c in columns if c not in named]
    if not named or len(parts) < 2:
        return {}
    sums = sum(np.nan_to_num(np.concatenate([*rows.numbers(c)])) for c in parts)
    found = [c for c in named if are_sums(np.concatenate([*rows.numbers(c)]), np.asarray(sums))]
    return dict.fromkeys(found, LeftOut.TOTAL)


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
    named = facts.whole and (facts.counts or facts.rises or facts.falls) and is_counter_name(column)
    if named or (counts and facts.highest - facts.lowest >= _COUNTED - 1):
        return LeftOut.COUNTER
    if facts.flag:
        return LeftOut.FLAG
    return LeftOut.DATE_PART if facts.rises and str(column).strip().lower() in TIME_WORDS else None


def _counts_parts(column: str, facts: ColumnFacts, rows: AllRows) -> bool:
    """Whether the first numbers go up by one to 12, 24 and the like and begin anew, as hours of days do."""
    if not facts.whole or facts.lowest not in (0, 1) or facts.highest < _LEAST_CYCLE:
        return False
    numbers = next(rows.numbers(column))[:_LOOKED_AT]
    again = len(numbers) > 2 * facts.highest and bool(np.isfinite(numbers).all())
    return again and step_of_cycle(numbers.astype(np.int64)) != ""


def _family(column: str) -> str:
    return re.sub(r"\d+", "", str(column))


def _last_resort(found: dict[str, LeftOut | None]) -> tuple[str, ...]:
    def worth(column: str) -> tuple[bool, int]:
        flat = found[column] in (LeftOut.CONSTANT, LeftOut.STATIC)
        return flat and is_amount_name(column), _WORTH.index(found[column] or LeftOut.NUMBER)

    best = max(map(worth, found))
    nothing = best[1] == _WORTH.index(LeftOut.EMPTY)
    return () if nothing else tuple(column for column in found if worth(column) == best)


@dataclass(frozen=True)
class ColumnRoles:
    """What other columns are for. covariates: whether some may be covariates."""

    series: Sequence[str]
    targets: Sequence[str]
    covariates: bool = True


def left_out_note(left_out: dict[str, LeftOut], others: ColumnRoles, rows: AllRows) -> str:
    """One line on all columns that serve for nothing, by reason, with what to type to use them."""
    return LEFT_OUT + "; ".join(_groups(left_out, others, rows))


def _groups(left_out: dict[str, LeftOut], others: ColumnRoles, rows: AllRows) -> Iterator[str]:
    for reason in dict.fromkeys(left_out.values()):
        columns = [column for column, why in left_out.items() if why == reason]
        more = len(columns) - _SHOWN
        named = ", ".join(map(str, columns[:_SHOWN])) + (f" and {more:,} more" if more > 0 else "")
        yield f"{named} ({reason}{_mend(reason, columns, others, rows)})"


def _mend(reason: LeftOut, columns: Sequence[str], others: ColumnRoles, rows: AllRows) -> str:
    covariates = others.covariates
    if reason in (LeftOut.STATIC, LeftOut.LABEL):
        static = set_option("static", columns[:_SHOWN]) if covariates else ""
        above = [c for c in columns[:_SHOWN] if _may_be_above(c, others.series, rows)]
        keys = set_option("series", [*above, *others.series]) if reason == LeftOut.LABEL and above else ""
        said = ", or ".join(filter(None, [static, f"{keys} for totals" if keys else ""]))
        return f": {said}" if said else ""
    flag = reason in (LeftOut.FLAG, LeftOut.YES_OR_NO)
    likely = reason in _LIKELY
    if not flag and not likely and reason not in (LeftOut.TEXT, LeftOut.NUMBER, LeftOut.CODED):
        return ""
    usable = [column for column in columns[:_SHOWN] if covariates and _may_help(column, reason, rows)]
    said = f"{set_option('past', usable)}" if usable else ""
    if usable and reason == LeftOut.CODED:
        said += f" {set_option('categorical', usable)}"
    if usable and (flag or reason == LeftOut.FORESEEN):
        said += f", or {set_option('future', usable)} where known ahead"
    if likely:
        forecast = set_option("target", [*others.targets, *columns[:_SHOWN]])
        said += f"{'; ' * bool(usable)}to forecast as well {forecast}"
    return f": {said}" if said else ""


def _may_be_above(column: str, series: Sequence[str], rows: AllRows) -> bool:
    """Whether a column of one value in each series may hold what several of them belong to, as a region."""
    return 1 < rows.distinct(column) < max(map(rows.distinct, series), default=0)


def _may_help(column: str, reason: LeftOut, rows: AllRows) -> bool:
    """Whether a column can be a covariate: it has no hole, and its texts come back."""
    if rows.has_empty(column):
        return False
    return reason != LeftOut.TEXT or 2 * rows.distinct(column) <= len(rows)
