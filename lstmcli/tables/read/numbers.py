"""One cell as a number: marks of decimals and thousands, signs, units. Loads no pandas.

Nothing is lenient here: groups of digits must be whole, and a mark has one meaning in a form.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from lstmcli.settings.table_reading import NumberForm
from lstmcli.tables.read.flags import split_flag
from lstmcli.tables.read.units import SCALES, is_currency, is_unit, scale_in_front

# What stands for a missing number. In a column of texts only an empty cell is missing.
MISSING_TEXTS = (
    *("", "NA", "N/A", "n/a", "NaN", "nan", "NAN", "-nan", "-NaN", "null", "NULL", "Null", "None", "NaT"),
    *("?", "-", ".", "--", "---", "..", "...", "–", "—", "#N/A", "#NA", "#VALUE!", "#DIV/0!", "#REF!"),
    *("#NUM!", "#NAME?", "#NULL!"),
)
MISSING = frozenset(MISSING_TEXTS)
DASH = "dash"  # what stands for 0 beside a sign of money
_MINUS = "-\u2212\u2013\ufe63\uff0d"
_SIGNS = "\\" + _MINUS  # in a class of characters
_BLANK = " \u00a0\u2007\u2009\u202f"
_SPACE = re.compile(f"[{_BLANK}]")
_QUOTES = re.compile("['\u2019\u00b4`]")
_CELL = re.compile(
    rf"(?P<open>\()?\s*(?P<first>[+{_SIGNS}])?\s*"
    rf"(?P<before>[^\W\d_][^\d,+()\"{_SIGNS}]{{0,7}}?|[^\w\s.,+()'\"{_SIGNS}]{{1,2}})?\s*"
    rf"(?P<second>[+{_SIGNS}])?\s*"
    rf"(?P<body>[.,]?[0-9][0-9.,]*(?:['\u2019\u00b4`{_BLANK}][0-9]+[0-9.,]*)*(?:[eE][+-]?[0-9]+)?)"
    rf"\s*(?P<behind>[^\s0-9)][^()]*?)?\s*(?P<close>\))?"
)
_NO_CENTS = re.compile(r"(?<=[0-9][.,])\u2014")  # 5.— is a price without cents
_QUOTED = re.compile(r"""=?"([^"']+)"|'([^"']+)'""")
_ZERO = re.compile(r"([^\d\s]{1,4})\s*[-\u2013]\s*(?:\?\?)?|[-\u2013]\s*([^\d\s]{1,4})")  # of Excel: $ -
_OTHER_MARKS = str.maketrans("\u066b\u066c\uff0e\uff0c", ".,.,")  # of Arabic and wide digits
_OPENED_BEHIND = re.compile(r"[^0-9(]+\([^0-9]*[0-9]")
_GROUPS = r"[1-9][0-9]{{0,2}}(?:{0}[0-9]{{3}})+"
_INDIAN = r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"


class WrittenNumber(NamedTuple):
    """A cell that may be a number.

    unit: in front or behind; scale: what multiplies it, as written; negative: how that is written; body:
    digits and marks, its quotes and blanks as ' and space
    """

    unit: str
    scale: str
    negative: str
    body: str


class Shape(NamedTuple):
    """What the marks of a body can only be, "" for none; doubt: a mark before three digits, which may be
    either; small: whether it is a whole number below 1000 without marks."""

    decimal: str = ""
    thousands: str = ""
    doubt: str = ""
    small: bool = False


_WHOLE = re.compile(r"[0-9]+")
_POWER = re.compile(r"([0-9]*)([.,]?)([0-9]*)[eE][+-]?[0-9]+")
_SHAPES: list[tuple[re.Pattern[str], Shape]] = []
for _mark, _other in ((".", ","), (",", ".")):
    _m, _o = re.escape(_mark), re.escape(_other)
    _group = _GROUPS.format(_m) if _mark == "." else f"(?:{_GROUPS.format(_m)}|{_INDIAN})"
    _SHAPES += [
        (re.compile(rf"[1-9][0-9]{{0,2}}{_m}[0-9]{{3}}"), Shape(doubt=_mark)),
        (re.compile(rf"[0-9]+{_m}[0-9]*|{_m}[0-9]+"), Shape(decimal=_mark)),
        (re.compile(_group), Shape(thousands=_mark)),
        (re.compile(rf"{_group}{_o}[0-9]*"), Shape(decimal=_other, thousands=_mark)),
    ]
for _mark, _name in (("'", "'"), (" ", "space")):
    _group = _GROUPS.format(_mark)
    _SHAPES += [
        (re.compile(_group), Shape(thousands=_name)),
        (re.compile(rf"{_group}\.[0-9]*"), Shape(decimal=".", thousands=_name)),
        (re.compile(rf"{_group},[0-9]*"), Shape(decimal=",", thousands=_name)),
    ]


def written_number(text: str) -> WrittenNumber | None:
    """The parts of a cell; None where it is no number in any form."""
    text = _plain_text(text)
    if text.endswith(")") and _OPENED_BEHIND.match(text):  # $(5.00)
        text = "(" + text.replace("(", "", 1)
    found = _CELL.fullmatch(text)
    if found is None:
        sign = _sign_of_zero(text)
        return WrittenNumber(sign, "", DASH, "0") if sign else None
    opened, first, before, second, body, behind, closed = (part or "" for part in found.groups())
    before, behind = before.strip(), behind.strip()
    last = behind[:1] if behind[:1] in _MINUS else ""  # 12-
    scale, behind = _scale(behind.removeprefix(last).strip())
    last = "" if body[-1] in ".," else last  # 5.- and 5,- are prices without cents
    signs = [sign for sign in (opened and "()", first, second, last and "behind") if sign]
    named = is_currency(before) and not behind if before else not behind or is_unit(behind)
    if len(signs) > 1 or bool(opened) != bool(closed) or not named:
        return None
    if not body.isascii() or " " in body or "`" in body:
        body = _QUOTES.sub("'", _SPACE.sub(" ", body))
    negative = signs[0] if signs and signs[0] != "+" else ""
    return WrittenNumber(before or behind, scale, negative, body)


def _sign_of_zero(text: str) -> str:
    """The sign of money beside a dash, which is how Excel writes 0 among amounts; "" of other cells."""
    found = _ZERO.fullmatch(text)
    sign = (found[1] or found[2]) if found else ""
    return sign if is_currency(sign) else ""


def _plain_text(text: str) -> str:
    """A cell without quotes around it, as ="12.5", and with digits from 0 to 9."""
    text = _NO_CENTS.sub("-", text.strip())
    if (quoted := _QUOTED.fullmatch(text)) is not None:
        text = (quoted[1] or quoted[2]).strip()
    if not text.isascii() and any(sign.isdecimal() and not sign.isascii() for sign in text):
        digits = (str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
        text = "".join(digits).translate(_OTHER_MARKS)
    return text


def _scale(behind: str) -> tuple[str, str]:
    """What multiplies, and the unit after it: "Mio. €" is "Mio." and "€"."""
    first, _, rest = behind.partition(" ")
    if first in SCALES:
        return first, rest.strip()
    if behind[:1] in SCALES and is_currency(behind[1:]):
        return behind[0], behind[1:]
    scale = scale_in_front(behind)
    if scale and is_unit(rest := behind[len(scale) :].strip()):
        return scale, rest
    return "", behind


def shape_of(body: str) -> Shape | None:
    """None where digits and marks make no number."""
    if _WHOLE.fullmatch(body):
        return Shape(small=len(body) <= 3)
    for pattern, shape in _SHAPES:
        if pattern.fullmatch(body):
            return shape
    if found := _POWER.fullmatch(body):
        return Shape(decimal=found[2]) if found[1] or found[3] else None
    return None


@lru_cache(maxsize=256)
def _pattern_of(decimal: str, thousands: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    digits = [rf"[0-9]+(?:{point}[0-9]*)?(?:[eE][+-]?[0-9]+)?", rf"{point}[0-9]+(?:[eE][+-]?[0-9]+)?"]
    if thousands:
        mark = " " if thousands == "space" else re.escape(thousands)
        digits.append(rf"{_GROUPS.format(mark)}(?:{point}[0-9]*)?")
    if thousands == ",":
        digits.append(rf"{_INDIAN}(?:{point}[0-9]*)?")
    return re.compile("|".join(digits))


def body_value(body: str, form: NumberForm, scale: str = "") -> float | None:
    """What digits and marks are in a form, times what stands behind; None where they do not follow it."""
    if _pattern_of(form.decimal, form.thousands).fullmatch(body) is None:
        return None
    if form.thousands:
        body = body.replace(" " if form.thousands == "space" else form.thousands, "")
    body = body if form.decimal == "." else body.replace(form.decimal, ".")
    if scale:
        return None if "e" in body.lower() else float(f"{body}e{SCALES[scale]}")
    return float(body)


def number_in(text: str, form: NumberForm) -> float | None:
    """A cell as a number in a form; None where it does not follow it. NaN for a number with a mark where
    these are missing, and for a mark of missing with another mark."""
    value = _unflagged(text, form)
    if value is not None or not form.flags:
        return value
    rest, mark = split_flag(text)
    if not mark or rest == "":
        return None
    value = float("nan") if rest in MISSING else _unflagged(rest, form)
    return float("nan") if value is not None and form.flags == "missing" else value


def _unflagged(text: str, form: NumberForm) -> float | None:
    parts = written_number(text)
    if parts is None:
        return None
    unit, scale, negative, body = parts
    if scale and not form.scaled:
        unit, scale = f"{scale} {unit}".strip(), ""
    value = body_value(body, form, scale)
    if value is None or (unit != form.unit and (unit or value)):
        return None
    return -value if negative and negative != DASH else value
