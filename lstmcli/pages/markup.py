"""HTML from parts: every text is escaped here, and nowhere else."""

import base64
import html
import json
from collections.abc import Iterable, Sequence
from string import Template
from typing import Any

_STYLE = """\
:root { color-scheme: light dark; --ink: #1c1c1c; --quiet: #5c5c5c; --line: #d8d8d8; --back: #ffffff;
  --box: #f5f6f8; --mark: #0072b2 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --quiet: #a8a8a8; --line: #3c4048;
  --back: #15171a; --box: #1f2227; --mark: #56b4e9 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--back); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem }
p, ul, figure { margin: .5rem 0 }
.quiet, figcaption { color: var(--quiet); font-size: .9rem }
.finding { background: var(--box); border-left: 4px solid var(--mark); padding: .5rem .75rem;
  margin: .5rem 0; border-radius: 3px }
.finding code { color: var(--quiet); font-size: .8rem }
img { max-width: 100%; height: auto; display: block; background: #ffffff; padding: .5rem;
  border-radius: 6px; border: 1px solid var(--line) }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap }
th { color: var(--quiet); font-weight: 600 }
th:first-child, td:first-child, .text { text-align: left }
pre { background: var(--box); padding: .75rem; overflow-x: auto; font-size: .85rem; border-radius: 3px }
summary { cursor: pointer; padding: .35rem 0; color: var(--mark) }
@media print { details > * { display: block } img { break-inside: avoid } }
"""

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


def document(title: str, body: Iterable[str]) -> str:
    """A whole page; title is text, body is HTML."""
    return _DOCUMENT.substitute(title=escaped(title), style=_STYLE, body="\n".join(body))


def escaped(text: object) -> str:
    """Text as HTML, within a tag or within quotes."""
    return html.escape(str(text))


def section(heading: str, *parts: str) -> str:
    """A part of the page with its heading; without content there is none."""
    content = [part for part in parts if part]
    return "\n".join([f"<section>\n<h2>{escaped(heading)}</h2>", *content, "</section>"]) if content else ""


def paragraph(text: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{escaped(text)}</p>"


def preformatted(lines: Iterable[str]) -> str:
    return f"<pre>{escaped(chr(10).join(lines))}</pre>"


def folded(summary: str, *parts: str) -> str:
    """Content that opens at a touch."""
    return f"<details>\n<summary>{escaped(summary)}</summary>\n" + "\n".join(parts) + "\n</details>"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], texts: int = 1) -> str:
    """Numbers to the right; the first `texts` columns are text. No table without rows."""
    kinds = [' class="text"' if k < texts else "" for k in range(len(columns))]
    head = "".join(f"<th{kind}>{escaped(name)}</th>" for name, kind in zip(columns, kinds, strict=True))
    lines = [
        "<tr>" + "".join(f"<td{kind}>{escaped(c)}</td>" for c, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    ]
    if not lines:
        return ""
    body = "\n".join(lines)
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )


def picture(png: bytes, title: str, text: str) -> str:
    """A PNG inside the page; title is what one is told who cannot see it, text stands below it."""
    data = base64.b64encode(png).decode()
    return (
        f'<figure>\n<img src="data:image/png;base64,{data}" alt="{escaped(title)}">\n'
        f"<figcaption>{escaped(text)}</figcaption>\n</figure>"
    )


def embedded(document: dict[str, Any], name: str) -> str:
    """JSON for other programs; a browser does not show it."""
    # Within a script only "</script" and "<!--" mean anything, and both begin with "<".
    text = json.dumps(document, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{escaped(name)}">{text}</script>'
