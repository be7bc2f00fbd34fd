"""Marks that are no units, as statistics offices and laboratories set them beside some numbers of a column:
441.8 e, 546.4*, 648.5 (P), 12 [1], <0.05, ~12. Loads no pandas."""

import re

from lstmcli.tables.read.units import SCALES, is_known_unit, is_rank, is_side

LIMITS = "<>\u2264\u2265"
_SIGNS = "*\u2020\u2021#^!\u00a7\u00b9\u00b2\u00b3\u2070\u2074-\u2079"
_WORDS = frozenset(("est", "est.", "prov", "prov.", "rev", "rev.", "prel", "prel.", "bep", "bpu", "beu"))
_BLANK_NEEDED = frozenset("b")  # 1.2b may be 1.2 billion
_BEHIND = re.compile(
    rf"(?P<rest>.*?[0-9.%:\-)])(?P<blank>\s*)(?P<flag>\([A-Za-z*]{{1,4}}\.?\)|\([0-9]{{1,2}}\)|\[[A-Za-z0-9*]{{1,4}}\]"
    rf"|(?<=\s)[0-9]{{1,2}}\)|[{_SIGNS}]{{1,3}}|[A-Za-z]{{1,4}}\.?)"
)
_BEFORE = re.compile(rf"(?P<flag>[{LIMITS}]=?|[~\u2248*\u2020\u2021]|ca\.?)\s*(?P<rest>[-+]?[.,]?[0-9].*)")


def is_number_flag(text: str) -> bool:
    """Whether what stands behind a number may be a mark on it and no unit, side or scale."""
    if not text.isascii() or not text.rstrip(".").isalpha():
        return re.fullmatch(rf"[{_SIGNS}]{{1,3}}", text) is not None
    if text in SCALES or is_known_unit(text) or is_side(text) or is_rank(text):
        return False
    return len(text) == 1 or (len(text) == 2 and text.islower()) or text.lower() in _WORDS


def split_flag(text: str) -> tuple[str, str]:
    """A cell without the marks beside its number, and these marks; "" for none."""
    text, before = text.strip(), ""
    if found := _BEFORE.fullmatch(text):
        text, before = found["rest"], found["flag"]
    if found := _BEHIND.fullmatch(text):
        flag = found["flag"]
        named = not flag[:1].isalpha() or is_number_flag(flag)
        if named and (found["blank"] or flag not in _BLANK_NEEDED):
            return found["rest"].strip(), before + flag
    return text, before


def is_attached(text: str) -> bool:
    """Whether a mark is a letter without a blank before it, as in 12a, which may be a name."""
    return re.search(r"[0-9][A-Za-z]+\.?$", text.strip()) is not None
