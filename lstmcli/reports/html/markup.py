"""HTML from parts: every text is escaped here, and nowhere else."""

import base64
import html
import json
from collections.abc import Iterable, Sequence
from string import Template
from typing import Any

from lstmcli.reports.html.style import STYLE

# No part of the page may load or run anything: the policy says so to the browser too.
_DOCUMENT = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'unsafe-inline'">
<title>$title</title>
<style>
$style</style>
</head>
<body>
<h1>$title</h1>
$body
</body>
</html>
""")


def html_page(title: str, body: Iterable[str]) -> str:
    """A whole page; title is text, body is HTML."""
    return _DOCUMENT.substitute(title=escape_html(title), style=STYLE, body="\n".join(body))


def escape_html(text: object) -> str:
    """Text as HTML, within a tag or within quotes."""
    return html.escape(str(text))


def section(heading: str, *parts: str) -> str:
    """A part of the page with its heading; without content there is none."""
    content = [part for part in parts if part]
    return (
        "\n".join([f"<section>\n<h2>{escape_html(heading)}</h2>", *content, "</section>"]) if content else ""
    )


def paragraph(text: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{escape_html(text)}</p>"


def preformatted_block(lines: Iterable[str]) -> str:
    return f"<pre>{escape_html(chr(10).join(lines))}</pre>"


def details_block(summary: str, *parts: str) -> str:
    """Content that opens at a touch."""
    return f"<details>\n<summary>{escape_html(summary)}</summary>\n" + "\n".join(parts) + "\n</details>"


def html_table(columns: Sequence[str], rows: Iterable[Sequence[object]], texts: int = 1) -> str:
    """Numbers to the right; the first `texts` columns are text. No table without rows.

    A cell is text, or HTML where it is `Markup`. The first cell of a row is its heading.
    """
    kinds = [' class="text"' if k < texts else "" for k in range(len(columns))]
    head = "".join(
        f'<th scope="col"{kind}>{escape_html(name)}</th>' for name, kind in zip(columns, kinds, strict=True)
    )
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td{k}>{_cell(c)}</td>" for c, k in zip(others, kinds[1:], strict=True))
        lines.append(f'<tr><th scope="row"{kinds[0]}>{_cell(first)}</th>{cells}</tr>')
    if not lines:
        return ""
    body = "\n".join(lines)
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )


class Markup(str):
    """Text that is HTML already."""


def _cell(content: object) -> str:
    return content if isinstance(content, Markup) else escape_html(content)


def cards(facts: Iterable[tuple[str, str, str]]) -> str:
    """What is told at a glance: a name, a figure, and what there is to say of it."""
    items = "".join(
        f"<div><dt>{escape_html(name)}</dt><dd>{escape_html(figure)}"
        + (f"<small>{escape_html(text)}</small>" if text else "")
        + "</dd></div>\n"
        for name, figure, text in facts
    )
    return f'<dl class="cards">\n{items}</dl>' if items else ""


def chart_row(parts: Iterable[str]) -> str:
    """Charts beside each other where there is room."""
    content = "\n".join(part for part in parts if part)
    return f'<div class="several">\n{content}\n</div>' if content else ""


def chooser(label: str, choices: Sequence[tuple[str, str]]) -> str:
    """One of at most `MOST_CHOICES` contents by name, chosen from a list; works without scripts.

    A browser that does not know :has() shows them all, and so does paper.
    """
    if len(choices) == 1:
        return choices[0][1]
    options = "".join(
        f"<option{'' if k else ' selected'}>{escape_html(name)}</option>"
        for k, (name, _) in enumerate(choices)
    )
    contents = "\n".join(
        f'<div class="choice">\n<h3 class="paper">{escape_html(name)}</h3>\n{content}\n</div>'
        for name, content in choices
    )
    chosen = f"<label>{escape_html(label)} <select>{options}</select></label>"
    return f'<div class="chooser">\n{chosen}\n{contents}\n</div>'


def picture(png: bytes, title: str, text: str) -> str:
    """A PNG inside the page; title is what one is told who cannot see it, text stands below it."""
    data = base64.b64encode(png).decode()
    image = f'<img src="data:image/png;base64,{data}" alt="{escape_html(title)}">'
    caption = f"<figcaption>{escape_html(text)}</figcaption>"
    return f'<figure>\n<div class="picture">{image}</div>\n{caption}\n</figure>'


def embed_json(document: dict[str, Any], name: str) -> str:
    """JSON for other programs; a browser does not show it."""
    # Within a script only "</script" and "<!--" mean anything, and both begin with "<".
    text = json.dumps(document, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{escape_html(name)}">{text}</script>'
