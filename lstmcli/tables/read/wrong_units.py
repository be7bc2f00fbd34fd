"""What to say of a column whose cells have several units, or some a unit and some none."""

import re

from lstmcli.errors.foreign import quoted
from lstmcli.tables.read.no_numbers import crore_or_credit
from lstmcli.tables.read.number_evidence import NumberEvidence, Place
from lstmcli.tables.read.units import are_sides

_POWERS = {"": 0, "k": 3, "M": 6, "G": 9, "T": 12, "m": -3, "c": -2, "h": 2, "d": -1, "µ": -6, "μ": -6}
_METRIC = re.compile(r"([kMGTmchdµμ]?)(m|g|Wh|W|VA|l|L|s|Pa|bar|Hz|V|A|J|B)")


def wrong_unit(cells: NumberEvidence, unit: str | None) -> tuple[int, str]:
    """The first row that shows it, and a sentence. unit: one that stands in all cells, None for several."""
    if unit:
        row, cell = cells.unit_places[unit]
        return row, crore_or_credit(cell)
    places: list[tuple[Place, str]] = sorted((cells.unit_places[u], u) for u in cells.units if cells.units[u])
    ((_, one), first), ((row, two), second) = places[:2]
    said = f"{quoted(two)} beside {quoted(one)}"
    if are_sides(first, second):
        said += ": two sides of an account; write the amounts of one with a minus, and no letters"
        return row, said
    if not first or not second:
        named = first or second
        said += f": some cells have {quoted(named)} and some have not; write it in all of them or in none"
        return row, said
    return row, f"{said}: several units; write the column in one{_in_one(first, second)}"


def _in_one(first: str, second: str) -> str:
    """A command that writes the larger of two units as the smaller, where they differ by a power of ten."""
    sizes = [(_size(unit), unit) for unit in (first, second)]
    known = sorted((size[1], unit) for size, unit in sizes if size is not None)
    if len(known) < 2 or len({size[0] for size, _ in sizes if size}) > 1 or known[0][0] == known[1][0]:
        return ""
    (low, small), (high, large) = known
    return f", as sed -E 's/([0-9]) ?{large}\\b/\\1e{high - low} {small}/g' does"


def _size(unit: str) -> tuple[str, int] | None:
    """What a unit measures, and its power of ten."""
    if unit == "t":
        return "g", 6
    found = _METRIC.fullmatch(unit)
    return (found[2], _POWERS[found[1]]) if found else None
