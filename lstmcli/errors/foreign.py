"""Text from elsewhere, shown to a person: names of series, columns and files, cells, what a model file says.

It may hold what steers a terminal, turns the direction of text round, ends a line, or never ends. `shown` is
for one such text within a message; `printable` for whole lines, at the places where they leave the program.
Data that are written for programs stay exact.
"""

import re

MOST_SIGNS = 80  # of one foreign text
MOST_OF_PATH = 300
_LONGEST_LINE = 4_000
_JOINERS = "\u200c\u200d"  # words of some scripts need them
# What may have to be escaped; all else is known to be harmless without a look at it.
_SUSPICIOUS = re.compile(r"[^ -~]")
_IN_LINES = re.compile(r"[^\n\t -~]")


def shown(text: str, most: int = MOST_SIGNS) -> str:
    """One line of at most `most` characters; signs that are not printable as `repr` writes them."""
    if len(text) > most:
        half = most // 2  # escaped signs are longer: cut before and after
        text = f"{text[: most - half + 1]}...{text[-half + 2 :]}" if most > 8 else text[:most]
    made = _SUSPICIOUS.sub(_escaped, text)
    return made if len(made) <= most else f"{made[: most // 2]}...{made[3 - (most - most // 2) :]}"


def quoted(text: str) -> str:
    """As `repr`, at most `MOST_SIGNS` characters between the quotes."""
    return shown(repr(text), MOST_SIGNS + 2)


def printable(text: str) -> str:
    """Lines that steer no terminal: signs that are not printable as `repr` writes them, but for line feeds
    and tabs. The middle of a line of thousands of characters is left out."""
    made = with_controls_escaped(text)
    return made if len(made) <= _LONGEST_LINE else "\n".join(map(_cut, made.split("\n")))


def printable_line(text: str) -> str:
    """As `printable`, of one line: a line feed is escaped too."""
    return printable(text).replace("\n", r"\n")


def with_controls_escaped(text: str) -> str:
    """As `printable`, at any length: for pages, which scroll."""
    return _IN_LINES.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    return sign if sign.isprintable() or sign in _JOINERS else repr(sign)[1:-1]


def _cut(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[: _LONGEST_LINE - 200]} ... {line[-150:]}"
