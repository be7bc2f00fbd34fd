"""How stamps are spelled that one pattern reads: with leading zeros or without, names in which language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lstmcli.tables.read.era_years import era_style
from lstmcli.tables.read.fields import FieldTimes
from lstmcli.tables.read.time_words import EVENINGS, MORNINGS, half_of_day, is_undecided, name_style
from lstmcli.tables.read.tokens import END_OF_INTERVAL, PatternPart, parts_of, pattern_of

_DATE, _CLOCK = "mdV", "HI"
_FEW = 60  # different texts of a field that are kept
_OTHER_HALF = str.maketrans("AaPp", "PpAa")


@dataclass
class Spelling:
    """What all cells say of their spelling.

    short, zeroed: fields that were seen without and with a leading zero; words: the texts of names, halves of
    the day, endings, offsets; lengths: of intervals, two at most; ends_days: whether midnight was 24 (True)
    or 0 (False) o'clock
    """

    short: set[str] = field(default_factory=set)
    zeroed: set[str] = field(default_factory=set)
    words: dict[str, set[str]] = field(default_factory=dict)
    lengths: set[int] = field(default_factory=set)
    highest: dict[str, int] = field(default_factory=dict)
    ends_days: set[bool] = field(default_factory=set)

    def add(self, read: FieldTimes) -> None:
        if read.lengths is not None and len(self.lengths) < 2:
            self.lengths |= {*sorted({*read.lengths.tolist()})[:2]}
        self.zeroed |= read.zeroed
        for letter, texts in read.words:
            different = set(texts)
            if letter in "mdVHIq" and different:
                self._add_numbers(letter, different, texts)
            elif letter in "bBaApozZE" and len(self.words.get(letter, ())) < _FEW:
                self.words.setdefault(letter, set()).update(sorted(different)[:_FEW])

    def _add_numbers(self, letter: str, different: set[str], texts: Sequence[str]) -> None:
        if any(len(text) == 1 for text in different):
            self.short.add(letter)
        if any(text[0] == "0" and len(text) > 1 for text in different):
            self.zeroed.add(letter)
        self.highest[letter] = max(self.highest.get(letter, 0), *map(int, different))
        if letter == "H":
            self.ends_days |= {text == "24" for text in different & {"24", "0", "00"}}

    def spelled(self, pattern: str) -> str:
        """The pattern as cells spell it; the offset of `%z` is left to the caller."""
        parts = parts_of(pattern)
        if any(part.letter == END_OF_INTERVAL for part in parts):
            at = next(n for n, part in enumerate(parts) if part.letter == END_OF_INTERVAL)
            if len(self.lengths) != 1:  # the start alone, without what stands between
                parts = parts[: at - 1] if not parts[at - 1].letter else parts[:at]
        return pattern_of([self._spelled(part, parts) for part in parts])

    def _spelled(self, part: PatternPart, parts: Sequence[PatternPart]) -> PatternPart:
        letter, seen = part.letter, self.words.get(part.letter, set())
        if letter and letter in _DATE + _CLOCK:
            part = replace(part, flag="-" if self._is_short(letter, parts) else "")
            return replace(part, more="24") if letter == "H" and self.ends_days == {True} else part
        if letter == END_OF_INTERVAL:
            return replace(part, more=str(next(iter(self.lengths))))
        if letter == "o" and len(seen) == 1 and any(other.letter in ("q", "i") for other in parts):
            return _ordinal(part, seen, next(iter(seen)))
        spell = {"b": _name, "a": _name, "p": _halves, "o": _ordinal, "z": _offset, "E": _era}.get(letter)
        return spell(part, seen) if spell and seen else part

    def _is_short(self, letter: str, parts: Sequence[PatternPart]) -> bool:
        """A number of two digits says nothing: then the others decide, or what is usual."""
        if letter in self.short or letter in self.zeroed:
            return letter in self.short
        if self.short or self.zeroed:
            near = [c for c in (_DATE if letter in _DATE else _CLOCK) if c in self.short | self.zeroed]
            return all(c in self.short for c in near or self.short | self.zeroed)
        return letter != "H" and _usually_short(letter, parts, self.words.get("b", set()))

    def undecided_name(self) -> str:
        """The only name of a month that was seen, where it may be short or long; "" for none."""
        words = self.words.get("b", set())
        return next(iter(words)) if len({w.lower() for w in words}) == 1 and is_undecided("b", words) else ""


def _usually_short(letter: str, parts: Sequence[PatternPart], months: set[str]) -> bool:
    """Whether numbers have no leading zeros where no cell shows it: beside names ("30 December 2023", but "30
    Dec 2023" and "30-Dec-2023"), words ("Week 52") and in 12-hour clocks ("12/31/2023 10:00 PM")."""
    letters = [part.letter for part in parts if part.letter]
    texts = "".join(part.more for part in parts if not part.letter)
    if "b" in letters:
        short = months and name_style("b", months).startswith("en0")
        tied = {"-", "/"} & {*texts} or not any(sign.isspace() for sign in texts)
        behind = "d" in letters and letters.index("d") < letters.index("b")
        return "y" in letters or not (tied or (short and behind))
    if letter == "V":
        return bool(re.search(r"[^\W\d_]{2}", texts))
    return "I" in letters or bool(re.search(r"[년월]", texts))


def _name(part: PatternPart, seen: set[str]) -> PatternPart:
    style = name_style(part.letter, seen)
    usual = {"en0": PatternPart(part.letter), "en1": PatternPart(part.letter.upper())}
    return usual.get(style, PatternPart(part.letter, "", style))


def _era(part: PatternPart, seen: set[str]) -> PatternPart:
    return replace(part, more=era_style(seen))


def _ordinal(part: PatternPart, seen: set[str], usual: str = "") -> PatternPart:
    """Other endings than the English: that of 1, and that of all others, if none was seen the usual."""
    if seen == {""}:
        return PatternPart("", "", "")
    if seen <= {"st", "nd", "rd", "th"}:
        return part
    first = next((word for word in ("er", "ère", "º", "°", "ª") if word in seen), "er")
    other = next((word for word in sorted(seen) if word != first), usual)
    return replace(part, more=f"{first},{other}")


def _offset(part: PatternPart, seen: set[str]) -> PatternPart:
    sizes = {len(word) for word in seen - {"Z"}}
    return replace(part, flag={5: "4", 3: "2"}.get(sizes.pop(), "")) if len(sizes) == 1 else part


def _halves(part: PatternPart, seen: set[str]) -> PatternPart:
    """AM|PM as they are written; the one that was not seen is like the other."""
    found = [next((w for w in sorted(seen) if half_of_day(w) == half), None) for half in (0, 1)]
    pairs = dict(zip((*MORNINGS, *EVENINGS), (*EVENINGS, *MORNINGS), strict=True))
    seen_half = found[0] or found[1] or ""
    other = pairs.get(seen_half) if not seen_half.isascii() else seen_half.translate(_OTHER_HALF)
    morning, evening = found[0] or other, found[1] or other
    return part if (morning, evening) == ("AM", "PM") else replace(part, more=f"{morning}|{evening}")
