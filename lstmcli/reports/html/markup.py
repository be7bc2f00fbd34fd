"""The parts of a page as HTML, from the templates beside this file.

Every part is a macro of `templates/parts.html`; Jinja2 escapes all that is not a part itself.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from lstmcli.errors.foreign import with_controls_escaped
from lstmcli.reports.html.inline_svg import inline_svg
from lstmcli.series.arrays import Array

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_CHOICES = 24  # contents of a `chooser`
_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )


def _finalized(value: object) -> object:
    """Text without controls, which are neither HTML nor XML, and without turns of its direction."""
    plain = isinstance(value, str) and not isinstance(value, Markup)
    return with_controls_escaped(str(value)) if plain else value


def part(macro: str, *values: object) -> Markup:
    """A macro of `parts.html`, called."""
    made: Markup = getattr(_environment().get_template("parts.html").module, macro)(*values)
    return made


def html_page(title: str, body: Iterable[str], script: str = "") -> str:
    """A whole page; title is text, body are parts. Parts without content are left out.

    script: of ours, the only one that may run. Raises ValueError where it would end early.
    """
    content = [one for one in body if one]
    if "</" in script or "<!--" in script:
        raise ValueError("a script within a page may not hold </ or <!--")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template("page.html")
        .render(title=title, body=content, choices=MOST_CHOICES, script=Markup(script), digest=Markup(digest))
    )


def section(heading: str, *parts: str) -> str:
    """A part of the page with its heading; without content there is none."""
    content = [one for one in parts if one]
    return part("section", heading, content) if content else ""


def paragraph(text: str, kind: str = "") -> str:
    return part("paragraph", text, kind)


def finding(text: str, action: str = "", identifier: str = "") -> str:
    """A box with what was found, what to do about it, and its identifier."""
    return part("finding", text, action, identifier)


def preformatted_block(lines: Iterable[str]) -> str:
    return part("preformatted_block", "\n".join(lines))


def details_block(summary: str, *parts: str) -> str:
    """Content that opens at a touch."""
    return part("details_block", summary, parts)


def meaning_list(items: Iterable[tuple[str, str]]) -> str:
    """Names and what they mean; code: names are shown as code."""
    return part("meaning_list", list(items))


def html_table(columns: Sequence[str], rows: Iterable[Sequence[object]], texts: int = 1) -> str:
    """Numbers to the right; the first `texts` columns are text. No table without rows.

    A cell is text or a part. The first cell of a row is its heading. Raises ValueError where a row
    has not one cell for each column.
    """
    lines = [row for row in rows if list(zip(columns, row, strict=True))]
    return part("html_table", columns, lines, texts) if lines else ""


def aligned_numbers(values: Array) -> list[str]:
    """(n,) numbers of one column: as many decimals in each as give the largest six digits, and marks of
    thousands. Raises ValueError for what is not finite."""
    largest = float(np.abs(values).max(initial=0.0))
    decimals = min(max(5 - int(np.floor(np.log10(largest))), 0), 12) if largest else 0
    while decimals and all(f"{value:.{decimals}f}"[-1] == "0" for value in values):
        decimals -= 1
    return [f"{value:,.{decimals}f}" for value in values]


def share_bars(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """Shares of a whole as bars. A row: its name, the share, the width of its bar, what it means."""
    items = list(rows)
    return part("share_bars", items) if items else ""


def strong(text: str) -> str:
    return part("strong", text)


def unbroken(text: str) -> str:
    """Text that is not broken over two lines."""
    return part("unbroken", text)


def cards(facts: Iterable[tuple[str, str, str]]) -> str:
    """The main figures: a name, a figure, and a few words on it."""
    items = list(facts)
    return part("cards", items) if items else ""


def chart_row(parts: Iterable[str]) -> str:
    """Charts beside each other where there is room."""
    content = [one for one in parts if one]
    return part("chart_row", content) if content else ""


def stack(heading: str, *parts: str) -> str:
    """Parts below each other in a `chart_row`; no heading where it is empty."""
    return part("column", heading, parts)


def chooser(label: str, choices: Sequence[tuple[str, str]]) -> str:
    """One of at most `MOST_CHOICES` parts by name, chosen from a list; works without scripts.

    A browser that does not know :has() shows them all, and so does paper.
    """
    return choices[0][1] if len(choices) == 1 else part("chooser", label, choices)


def picture(svg: bytes, name: str, text: str) -> str:
    """A picture of matplotlib inside the page; name: of its file, its text for screen readers too; text
    stands below it."""
    drawn = inline_svg(svg, name.replace("_", "-"), name.replace("_", " "))
    return part("picture", Markup(drawn), text)  # its text is escaped there


def embed_json(document: dict[str, Any], name: str) -> str:
    """JSON for other programs; a browser does not show it."""
    # Within a script only "</script" and "<!--" mean anything, and both begin with "<".
    text = json.dumps(document, allow_nan=False).replace("<", "\\u003c")
    return part("embed_json", Markup(text), name)


def joined(parts: Iterable[str]) -> str:
    """Parts one after the other."""
    return Markup("\n").join(parts)
