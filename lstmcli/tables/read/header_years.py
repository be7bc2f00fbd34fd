"""Headers of two rows, years above their months or quarters: `2022, , , 2023` above `Jan, Feb, Mar, Jan`."""

import re
from collections.abc import Sequence

from lstmcli.tables.read.cell_kinds import WRITTEN_YEAR
from lstmcli.tables.read.header_times import sums_up
from lstmcli.tables.read.time_words import month_number

_YEAR = re.compile(WRITTEN_YEAR)
_QUARTER = re.compile(r"[QT]([1-4])|([1-4])\. ?Quartal|([1-4])[Qq]", re.IGNORECASE)
_FEWEST = 2  # years, each with as many parts


def years_and_parts(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...] | None:
    """The joined names of all columns, as `Jan 2022`; None where the rows are anything else.

    Columns before the first year are named by either row; among the parts may be totals, and behind them.
    """
    years = [c for c, cell in enumerate(above) if _YEAR.fullmatch(cell.strip())]
    if len(years) < _FEWEST or years[0] == 0 or len(above) != len(below):
        return None
    behind = range(years[0], len(above))
    if any(above[c].strip() and c not in years and not sums_up(above[c]) for c in behind):
        return None
    names, year, parts = list(map(_either, above[: years[0]], below)), "", 0
    for c in behind:
        group, part = above[c].strip(), below[c].strip()
        year = group or year
        if month_number(part) or _QUARTER.fullmatch(part):
            names.append(f"{part} {year}")
            parts += 1
        elif not part or sums_up(part):
            names.append(part if year in part.split() else f"{year} {part}".strip())
        else:
            return None
    return tuple(names) if parts >= _FEWEST * len(years) and len(set(names)) == len(names) else None


def _either(above: str, below: str) -> str:
    return above.strip() or below.strip()
