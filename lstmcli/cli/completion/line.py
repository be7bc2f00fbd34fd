"""The typed line, split as a shell does; a quote may still be open."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class CommandLine:
    """words: those that are finished, the program first. current: the one at the cursor, unquoted.

    quote: the quotation mark that is open at the cursor, or "". cut: how much of `current` stands
    before the part that bash replaces, which begins behind the last break or the open quote.
    """

    words: tuple[str, ...]
    current: str
    quote: str
    cut: int


def parse_line(line: str, breaks: str) -> CommandLine:
    words: list[str] = []
    word, started, quote, cut = "", False, "", 0
    characters = iter(line)
    for c in characters:
        if c == "\\" and quote != "'":
            word, started = word + next(characters, ""), True
        elif quote:
            if c == quote:
                quote = ""
            else:
                word += c
        elif c in "'\"":
            quote, started, cut = c, True, len(word)
        elif c.isspace():
            if started:
                words.append(word)
            word, started, cut = "", False, 0
        else:
            word, started = word + c, True
            cut = len(word) if c in breaks else cut
    return CommandLine(tuple(words), word, quote, cut)


def quote_word(text: str, quote: str) -> str:
    """As it may be typed where the mark `quote` is open, or none is."""
    if quote == "'":
        return text.replace("'", "'\\''")
    special = r'(["\\$`])' if quote else r"([^\w@%+=:,./-])"
    return re.sub(special, r"\\\1", text)
