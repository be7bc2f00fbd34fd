"""Tables whose rows are years or days and whose header counts the months, quarters or hours of each."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lstmcli.tables.read.cell_kinds import is_date, is_empty, is_value
from lstmcli.tables.read.column_names import words_of
from lstmcli.tables.read.header_times import sums_up
from lstmcli.tables.read.time_words import month_number

_YEAR = re.compile(r"(?:1[6-9]|20|21)\d\d(?:\.0)?")
_YEAR_WORDS = {
    "year",
    "yr",
    "yyyy",
    "yy",
    "jahr",
    "annee",
    "année",
    "ano",
    "año",
    "anno",
    "jaar",
    "연도",
    "년",
}
_DAY_WORDS = {"date", "datum", "fecha", "data", "tag", "day", "dia", "día", "giorno", "jour", "날짜", "일자"}
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::00)?")
_COUNTED = re.compile(r"([^\d]*)(\d{1,2})")
_HOUR_WORDS = {"", "h", "hr", "hour", "he", "hourending", "stunde", "std", "hora", "heure", "ora", "uhr", "t"}
_MONTH_WORDS = {"", "m", "month", "monat", "mes", "mois"}
_QUARTER = re.compile(r"[QqTt]\.?\s?([1-4])|([1-4])\.?\s?[QqTt]|([1-4])\. ?Quartal")


@dataclass(frozen=True)
class CrossedTimes:
    """ids: the columns that name the series, `time` among them, which holds years or days; columns: those
    of the parts of each; unit: what these are; labels: how they are written."""

    ids: tuple[int, ...]
    time: int
    columns: tuple[int, ...]
    unit: str
    labels: tuple[str, ...]
    left_out: tuple[int, ...]

    @property
    def part(self) -> str:
        return "hour" if self.unit == "clock" else self.unit


def counts_parts(names: Sequence[str]) -> bool:
    return _run(names) is not None


def crossed_times(names: Sequence[str], rows: Sequence[list[str]]) -> CrossedTimes | None:
    """None where rows are no years whose months or quarters the header counts, nor days and their hours."""
    run = _run(names)
    if run is None or not rows:
        return None
    columns, unit, labels = run
    words, cells = (_DAY_WORDS, _is_day) if unit in ("hour", "clock") else (_YEAR_WORDS, _is_year)
    others = [c for c in range(len(names)) if c not in columns]
    times = [c for c in others if c < columns[0] and _holds(names[c], words, _filled(rows, c), cells)]
    if len(times) != 1:
        return None
    left_out = [c for c in others if c not in times and _is_left_out(names, rows, c, c > columns[0])]
    ids = [c for c in others if c not in left_out]
    dated = [c for c in ids if c not in times and any(map(is_date, _filled(rows, c)))]
    return None if dated else CrossedTimes(tuple(ids), times[0], columns, unit, labels, tuple(left_out))


def _filled(rows: Sequence[list[str]], column: int) -> list[str]:
    return [row[column].strip() for row in rows if column < len(row) and not is_empty(row[column])]


def _is_year(cell: str) -> bool:
    return bool(_YEAR.fullmatch(cell))


def _is_day(cell: str) -> bool:
    return is_date(cell) and not _is_year(cell) and ":" not in cell


def _holds(name: str, words: set[str], cells: Sequence[str], are: Callable[[str], bool]) -> bool:
    return bool(cells) and bool({*words_of(name)} & words or not name.strip()) and all(map(are, cells))


def _is_left_out(names: Sequence[str], rows: Sequence[list[str]], column: int, behind: bool) -> bool:
    """Whether a column sums up others: by its name, or as it stands behind them and does not name series."""
    cells = _filled(rows, column)
    numbers = all(map(is_value, cells))
    return (numbers and (behind or sums_up(names[column]))) or (behind and len(cells) < len(rows))


def _run(names: Sequence[str]) -> tuple[tuple[int, ...], str, tuple[str, ...]] | None:
    """The columns that count months, quarters or hours, what they are, and their labels."""
    for part, counts in ((_month, (12,)), (_quarter, (4,)), (_clock, (24, 48, 96)), (_hour, (24,))):
        found = [(c, value) for c, name in enumerate(names) if (value := part(name.strip())) is not None]
        places, values = [c for c, _ in found], [value for _, value in found]
        together = bool(places) and places[0] > 0 and places == [*range(places[0], places[-1] + 1)]
        if not together or len(places) not in counts:
            continue
        step = 1440 // len(places) if part is _clock else 1
        if values != [values[0] + step * k for k in range(len(values))]:
            continue
        if values[0] > 1 or (values[0] == 0 and part in (_month, _quarter)):
            continue
        unit = "clock" if part is _clock else part.__name__[1:]
        return tuple(places), unit, tuple(_label(unit, value) for value in values)
    return None


def _label(unit: str, value: int) -> str:
    if unit == "clock":
        return f"{value // 60:02}:{value % 60:02}"
    return f"Q{value}" if unit == "quarter" else str(value)


def _month(name: str) -> int | None:
    return month_number(name) or _number(name, _MONTH_WORDS)


def _quarter(name: str) -> int | None:
    found = _QUARTER.fullmatch(name)
    return int(next(filter(None, found.groups()))) if found else None


def _hour(name: str) -> int | None:
    return _number(name, _HOUR_WORDS)


def _clock(name: str) -> int | None:
    """Minutes since midnight."""
    found = _CLOCK.fullmatch(name)
    return int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else None


def _number(name: str, words: set[str]) -> int | None:
    found = _COUNTED.fullmatch(name)
    return int(found[2]) if found and re.sub(r"[\W_]", "", found[1]).lower() in words else None
