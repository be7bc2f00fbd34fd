"""Which form the numbers of each column have, by the evidence of all columns of a table.

A mark before three digits may stand for decimals or thousands. What speaks for either:
strong   the size of whole numbers beside it: one reading is in line with them, the other far below; whole
         numbers below 1000 and none above (thousands); what the same mark is, or the other one, in other
         columns
weak     dates such as 31.12.2024 in a file with semicolons (a comma for decimals), unless another column
         has 12345 without a mark; a comma in a quoted cell of a file with commas (thousands), unless dates
         are like 31.12.2024; dates such as 12/31/2024 or January 2024 beside a comma (thousands)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lstmcli.errors.foreign import quoted
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import NumberForm
from lstmcli.tables.read.flags import is_number_flag
from lstmcli.tables.read.no_numbers import no_number
from lstmcli.tables.read.number_evidence import NumberEvidence, Place
from lstmcli.tables.read.numbers import DASH
from lstmcli.tables.read.units import SCALES, is_currency
from lstmcli.tables.read.wrong_units import wrong_unit

NAME_AGAIN = "is the name of its column, not a number"
_OTHER = {".": ",", ",": "."}
_MARK_NAMES = {".": "a point", ",": "a comma", "'": "an apostrophe", "space": "a blank"}
_LETTERS_OF = {"K": r"temp|kelvin|\bK\b", "B": r"size|mem|byte|file|disk|traffic|heap|payload"}
_APART = 2.5  # powers of ten: a reading that is as far below the whole numbers of a column is wrong
_LEAST_SPREAD = 100  # a column that counts up to this may reach thousands


@dataclass(frozen=True)
class Unread:
    """Why a column that holds mostly numbers is not read: the first row that shows it, and a sentence."""

    row: int
    said: str


@dataclass
class FileEvidence:
    """What a whole table says of its marks: those of decimals that are plain in some column, and whether
    cells stand between semicolons beside dates with the day first, between commas, or beside dates such as
    12/31/2024 or January 2024 (english), or as 31.12.2024 (dotted)."""

    decimals: set[str] = field(default_factory=set)
    thousands: set[str] = field(default_factory=set)
    day_first: bool = False
    english: bool = False
    dotted: bool = False
    commas: bool = False
    large: bool = False  # whole numbers of five digits and more without marks, in plain columns


@dataclass(frozen=True)
class ColumnForm:
    """form: None where `unread` says why; doubtful: a cell whose mark was taken for decimals for want of
    evidence; guessed: one whose mark is of thousands by what stands beside it alone."""

    form: NumberForm | None = None
    unread: Unread | None = None
    doubtful: str = ""
    guessed: str = ""


def decide_forms(
    columns: Mapping[str, NumberEvidence], whole: FileEvidence, options: ReadOptions
) -> dict[str, ColumnForm]:
    """The forms of the columns that hold numbers."""
    found: dict[str, ColumnForm] = {}
    numbers = {name: cells for name, cells in columns.items() if cells.are_numbers()}
    for name, cells in numbers.items():
        if cells.known is not None and cells.known_fits:
            found[name] = ColumnForm(cells.known)
    open_columns = {name: cells for name, cells in numbers.items() if name not in found}
    for cells in open_columns.values():
        whole.decimals |= {*cells.marks("decimal")}
        whole.thousands |= {*cells.marks("thousands")}
    for cells in open_columns.values():  # what a column shows by itself helps the others
        for mark in cells.marks("doubt"):
            if _own_meaning(cells, mark) == "thousands" and mark not in whole.decimals:
                whole.thousands.add(mark)
    for name, cells in open_columns.items():
        decided = _form_of_column(name, cells, whole, options)
        other = _other_unit(cells, decided.form) if decided.form else None
        found[name] = ColumnForm(unread=other) if other else decided
    return found


def _form_of_column(
    name: str, cells: NumberEvidence, whole: FileEvidence, options: ReadOptions
) -> ColumnForm:
    if cells.first_unreadable is not None:
        row, cell = cells.first_unreadable
        again = f"{quoted(cell)} {NAME_AGAIN}" if cell.strip() == name else ""
        return ColumnForm(unread=Unread(row, again or no_number(cell, cells.words, options)))
    unit = cells.own_unit()
    if unit is None or unit in ("Cr", "cr"):
        return ColumnForm(unread=Unread(*wrong_unit(cells, unit)))
    scaled = bool(cells.scales)
    if scaled and not unit and (letter := _unit_letter(name, cells)):
        scaled, unit = False, letter
    if whole.commas and cells.padded_comma is not None and options.decimal == "auto":
        return ColumnForm(unread=_two_numbers(cells.padded_comma))
    if whole.commas and options.decimal == "auto" and (coded := cells.coded_commas()):
        return ColumnForm(unread=_number_and_code(*coded))
    marks = _marks_of_column(cells, whole, options)
    if isinstance(marks, Unread):
        return ColumnForm(unread=marks)
    decimal, thousands, doubtful, guessed = marks
    flags = options.on_flag if cells.flagged and not (unit and is_number_flag(unit)) else ""
    return ColumnForm(NumberForm(decimal, thousands, unit, scaled, flags), doubtful=doubtful, guessed=guessed)


def _unit_letter(name: str, cells: NumberEvidence) -> str:
    """The letter behind all numbers of a column that is a unit and does not multiply, "" for none: with a
    blank before it, as in 290 K, or in a column whose name says so."""
    if len(cells.scales) != 1:
        return ""
    ((letter, count),) = cells.scales.items()
    if len(letter) > 1 or count < cells.units[""]:
        return ""
    named = letter in _LETTERS_OF and re.search(_LETTERS_OF[letter], name, re.IGNORECASE)
    return letter if named or cells.spaced == count else ""


def _marks_of_column(
    cells: NumberEvidence, whole: FileEvidence, options: ReadOptions
) -> tuple[str, str, str, str] | Unread:
    """Marks of decimals and thousands, a cell where decimals are assumed, and one where thousands are
    guessed; or what is not clear."""
    roles: dict[str, tuple[str, Place]] = {}  # of each mark, and what shows it
    for what, setting in (("decimal", options.decimal), ("thousands", options.thousands)):
        if setting not in ("auto", "none"):
            roles[setting] = (what, (-1, f"--set {what}={setting}"))
    for what in ("decimal", "thousands"):
        for mark in cells.marks(what):
            if (clash := _clash(roles, what, mark, cells.shows[f"{what} {mark}"], options)) is not None:
                return clash
            roles[mark] = (what, cells.shows[f"{what} {mark}"])
    doubtful = guessed = ""
    for mark in cells.marks("doubt"):
        place = cells.shows[f"doubt {mark}"]
        meaning = _meaning(cells, mark, {m: what for m, (what, _) in roles.items()}, whole, options)
        if meaning == "":
            return Unread(
                place[0], unclear_mark(mark, place[1], ",." if whole.dotted and mark == "," else ".,")
            )
        if meaning == "assumed":
            meaning, doubtful = "decimal", place[1]
        if (clash := _clash(roles, meaning, mark, place, options)) is not None:
            return clash
        sure = mark in roles or _OTHER[mark] in whole.decimals or options.decimal != "auto"
        guessed = place[1] if meaning == "thousands" and not sure else guessed
        roles.setdefault(mark, (meaning, place))
    by_role = {what: mark for mark, (what, _) in roles.items()}
    thousands = by_role.get("thousands", "")
    decimal = by_role.get("decimal") or ("," if thousands == "." else ".")
    return decimal, thousands, doubtful, guessed


def _clash(
    roles: dict[str, tuple[str, Place]], what: str, mark: str, place: Place, options: ReadOptions
) -> Unread | None:
    """What is wrong where a mark has a role that it, or another mark, has already."""
    if what == "thousands" and options.thousands == "none":
        return Unread(
            place[0], f"{quoted(place[1])} has {_MARK_NAMES[mark]} for thousands, and thousands=none"
        )
    for other, (role, seen) in roles.items():
        if (role == what) != (other == mark):
            first, second = (place, seen) if place[0] > seen[0] else (seen, place)
            said = f"{quoted(first[1])} is not written like {second[1]}" if second[0] < 0 else ""
            said += "; correct the cell or the setting" if said and "--set" in said else ""
            said = said or f"{quoted(first[1])} and {quoted(second[1])} cannot both be numbers of one form"
            return Unread(first[0], said)
    return None


def _meaning(
    cells: NumberEvidence, mark: str, roles: dict[str, str], whole: FileEvidence, options: ReadOptions
) -> str:
    """What a mark before three digits stands for: "decimal", "thousands", "assumed" for decimals without
    evidence, "" for what is not clear."""
    if mark in roles:
        return roles[mark]
    taken = {what: m for m, what in roles.items()}
    if taken.get("decimal") == _OTHER[mark]:
        return "thousands"
    if options.thousands == "none" or "thousands" in taken:
        return "decimal"
    strong = {_own_meaning(cells, mark)} - {""}
    strong |= {"decimal"} if mark in whole.decimals else set()
    strong |= {"thousands"} if mark in whole.thousands or _OTHER[mark] in whole.decimals else set()
    if strong:
        return strong.pop() if len(strong) == 1 else ""
    return _usual_meaning(cells, mark, whole)


def _usual_meaning(cells: NumberEvidence, mark: str, whole: FileEvidence) -> str:
    """What a mark before three digits stands for in files of a kind, as `_meaning`. Beside 4631, a point in
    1.203 may be of another writer, who marks thousands."""
    if _fits_decimals(cells):  # 1.250 beside 2
        usual = "decimal" if whole.day_first else ""
        return usual if mark == "," else "" if whole.day_first else "assumed"
    if whole.day_first:
        return "decimal" if mark == "," else "" if whole.large else "thousands"
    if mark == ",":
        return "thousands" if (whole.commas and not whole.dotted) or whole.english else ""
    return "" if cells.large else "assumed"


def _own_meaning(cells: NumberEvidence, mark: str) -> str:
    """What the other cells of a column say of a mark before three digits; "" for nothing."""
    if mark in cells.marks("decimal"):
        return "decimal"
    if mark in cells.marks("thousands"):
        return "thousands"
    if not cells.wholes.count or not cells.doubts.count or _fits_decimals(cells):
        return ""
    if cells.wholes.middle - cells.doubts.middle > _APART:
        return "thousands"
    return "thousands" if cells.small and not cells.large else ""


def _fits_decimals(cells: NumberEvidence) -> bool:
    """Whether numbers with a mark before three digits, taken for decimals, are about as large as the whole
    numbers beside them, and these are small."""
    wholes, doubts = cells.wholes, cells.doubts
    if not wholes.count or not doubts.count or wholes.largest >= _LEAST_SPREAD:
        return False
    return abs(wholes.middle - doubts.middle) < 1.0


def _two_numbers(place: Place) -> Unread:
    said = "zeros before the digits, and a comma in a file with commas: it may be two numbers"
    return _not_one(place, said, "write them in two columns")


def _number_and_code(place: Place, codes: str) -> Unread:
    said = f"a comma in a file with commas, and every cell of the column ends in {codes}: it may be a code"
    return _not_one(place, said, "write it in a column of its own")


def _not_one(place: Place, said: str, mend: str) -> Unread:
    return Unread(
        place[0],
        f"{quoted(place[1])} has {said}; {mend}, or, where the comma marks decimals: --set decimal=,",
    )


def _other_unit(cells: NumberEvidence, form: NumberForm) -> Unread | None:
    """What is wrong where numbers have another unit than those that a model was trained on. The sign of a
    currency may be left out."""
    known = cells.known
    if known is None or known.unit == form.unit:
        return None
    row, cell = cells.unit_places.get(form.unit, (0, ""))
    if not known.unit and form.unit not in ("%", "‰"):
        return None
    if not form.unit and is_currency(known.unit):
        return None
    trained = f"numbers in {known.unit}" if known.unit else "numbers without a unit"
    said = f"{quoted(cell)} is in {form.unit}" if form.unit else f"{quoted(cell)} has no unit"
    return Unread(row, f"{said}, the model was trained on {trained}; write the column in that way")


def unclear_mark(mark: str, cell: str, likely: str = ".,") -> str:
    """What to say of a cell whose mark may be of decimals or thousands. likely: marks of both, told first."""
    cell = cell.strip()
    said = f"{quoted(cell)} may have {_MARK_NAMES[mark]} for decimals or for thousands; say which: "
    mends = [f"--set decimal={both[0]} --set thousands={both[1]}" for both in (likely, likely[::-1])]
    return said + " or ".join(mends)


def describe_form(form: NumberForm, negatives: Mapping[str, Place]) -> str:
    """What is not plain in a form, for a note; "" for nothing."""
    said = [f"{form.unit} is taken off"] if form.unit else []
    if form.unit in SCALES:
        said = [f"{form.unit} is a unit and is taken off (write the numbers in full where it multiplies)"]
    if form.thousands:
        said.append(f"{_MARK_NAMES[form.thousands]} marks thousands")
    if form.decimal == ",":
        said.append("a comma marks decimals")
    if form.scaled:
        said.append("K, M, B and the like multiply (write the numbers in full where they do not)")
    if "()" in negatives:
        said.append("numbers in brackets are negative")
    if "behind" in negatives:
        said.append("a minus may stand behind")
    if DASH in negatives:
        said.append("a dash beside the sign is 0, as Excel writes it")
    return ", ".join(said)
