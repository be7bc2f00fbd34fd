"""Years as they are counted in Japan, by the reign of an emperor, and in Taiwan, from 1912 on."""

import re

MINGUO = 1911  # years behind
ERA = r"(?:明治|大正|昭和|平成|令和|[MTSHR](?=\d))(?:元|\d{1,2})"
_ERAS = (("令和", "R", 2019, 5), ("平成", "H", 1989, 1), ("昭和", "S", 1926, 12), ("大正", "T", 1912, 8))
_ALL = (*_ERAS, ("明治", "M", 1868, 1))
_WORD = re.compile(r"(\D+?)(元|\d+)")


def era_year(word: str) -> int:
    """2019 for 令和元, 令和1 and R01; 0 for what is no such year."""
    found = _WORD.fullmatch(word)
    first = next((start for name, letter, start, _ in _ALL if found and found[1] in (name, letter)), 0)
    if not found or not first:
        return 0
    return first - 1 + (1 if found[2] == "元" else int(found[2]))


def era_word(year: int, month: int, style: str) -> str:
    """A year as an era has it. style: R05 for letters and two digits, R5 without a zero, 令和5, or 令和元 for
    names with the word for the first year."""
    name, letter, start, _ = next((e for e in _ALL if (year, month) >= (e[2], e[3])), _ALL[-1])
    number = year - start + 1
    if style in ("R05", "R5"):
        return f"{letter}{number:02}" if style == "R05" else f"{letter}{number}"
    return f"{name}{'元' if number == 1 and style == '令和元' else number}"


def era_style(words: set[str]) -> str:
    """How eras are written, see `era_word`."""
    if any(word[0].isascii() for word in words):
        return "R05" if any(word[1] == "0" for word in words) else "R5"
    return "令和元" if any(word.endswith("元") for word in words) else "令和5"
