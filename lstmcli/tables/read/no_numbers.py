"""What to say of a cell that is no number in any form, and what to type."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lstmcli.errors.foreign import quoted
from lstmcli.settings.assignments import set_option
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.column_names import is_amount_name

if TYPE_CHECKING:
    import pandas as pd

MOST_WORDS = 10  # that one mend names
_LONGEST_MARK = 40  # characters of a text that may stand for a missing value
_YES_OR_NO = frozenset(("true", "false", "yes", "no", "on", "off", "ja", "nein", "oui", "non"))
_DURATION = re.compile(r"[-+]?[0-9]+:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?")


def is_word(cell: str) -> bool:
    """Whether a cell may stand for a missing value: it holds no number, or says below or above which one
    the value is."""
    text = cell.strip()
    if not text or len(text) > _LONGEST_MARK or not text.isprintable() or text.lower() in _YES_OR_NO:
        return False
    return text[0] in "<>" or not re.search(r"[0-9]", text)


def no_number(cell: str, words: Iterable[str], options: ReadOptions) -> str:
    """words: those in the column."""
    return f"{quoted(cell)} is not a number{mend_of_cell(cell, words, options)}"


def why_no_number(text: str) -> str:
    """What a cell is taken for that was no number."""
    return "begins with 0, as names do" if re.fullmatch(r"0[0-9]+", text.strip()) else "is no number"


def mend_of_kind(text: str) -> str:
    """What to write for a cell of a known kind that is no number, "" for others."""
    if text.strip().lower() in _YES_OR_NO:
        return "; write 1 and 0 for yes and no"
    if _DURATION.fullmatch(text.strip()):
        return "; write durations as numbers, in seconds or minutes"
    return ""


def rank_of_meant(name: str, cells: "pd.Series[str]") -> tuple[bool, ...]:
    """How likely a column of no numbers was meant to be forecast, the likeliest first: by its name, by cells
    of a known kind, and as it varies. cells: those that are filled."""
    known = len(cells) > 0 and bool(mend_of_kind(str(cells.iloc[0])))
    return not is_amount_name(name), not known, not (cells != cells.iloc[:1].squeeze()).any()


def mend_of_cell(cell: str, words: Iterable[str], options: ReadOptions) -> str:
    """What to type or write for a cell that is no number."""
    text = cell.strip()
    if mend := mend_of_kind(text):
        return mend
    if not is_word(text):
        return "; write it as a plain number, or leave the cell empty" if re.search(r"[0-9]", text) else ""
    others = [word for word in dict.fromkeys(words) if word != text and is_word(word)]
    found = [text, *others][:MOST_WORDS]
    mend = set_option("missing", [*options.missing, *found])
    return f"; where {'it stands' if len(found) == 1 else 'such texts stand'} for a missing value: {mend}"


def crore_or_credit(cell: str) -> str:
    """What to say of a number with Cr behind it."""
    either = "Cr may be crore, 10,000,000, or credit, a side of an account"
    return f"{quoted(cell.strip())}: {either}; write the numbers in full, without letters"
