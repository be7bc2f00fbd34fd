"""What is wrong with text that is no JSON or no YAML: the place and the sign, in our words.

The parsers of Python and PyYAML have words of their own, which name parts of a grammar.
"""

import json
import re

from lstmcli.errors.foreign import quoted

# By the beginning of what Python says.
_JSON = {
    "Expecting ','": "a comma or the end of the list or object is expected",
    "Expecting ':'": "a colon is expected behind a name",
    "Expecting property name": "a name between double quotes is expected",
    "Illegal trailing comma": "a comma stands before the end of a list or object",
    "Expecting value": "a value is expected",
    "Extra data": "something stands behind the end of the document",
    "Unterminated string": "a text has no closing quote",
    "Invalid control character": "a line break or another control character stands in a text",
    "Invalid \\": "a backslash stands before a sign that it cannot stand before",
}
# By what PyYAML says, in order; {0} is the sign that it names.
_YAML = (
    (
        r"found character ('.*'|\".*\") that cannot start",
        "a value cannot begin with {0}: put it in quotes",
    ),
    (r"could not find expected ':'", "a colon is expected behind the key of the line before"),
    (
        r"mapping values are not allowed",
        "a colon too many: put a text with colons in quotes",
    ),
    (r"(?:sequence entries|mapping keys) are not allowed", "an entry of a list or map is not expected here"),
    (r"expected ',' or '\]'", "a list that begins with [ needs a comma between its values and ] at its end"),
    (r"expected ',' or '\}'", "a map that begins with {{ needs a comma between its values and }} at its end"),
    (r"unexpected end of stream", "a text has no closing quote"),
    (r"unexpected document separator|another document|document start", "there is more than one document"),
    (
        r"unknown escape character ('.*'|\".*\")",
        "\\ cannot stand before {0}: use single quotes",
    ),
    (r"escape sequence|invalid Unicode", "a number of a character behind \\ is none"),
    (r"<block end>", "the line is indented otherwise than those before it"),
    (r"node content", "a value is expected"),
)


def json_fault(error: ValueError | RecursionError, first: int = 1) -> str:
    """As "line 3, column 5: a value is expected". first: the number of the first line of the text."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1:,}: not UTF-8 text"
    if not isinstance(error, json.JSONDecodeError):
        return "a number of too many digits"  # Python refuses to read it
    place = f"line {error.lineno + first - 1:,}, column {error.colno:,}"
    if error.pos >= len(error.doc.rstrip()) and not error.msg.startswith("Unterminated"):
        return f"{place}: the text breaks off"
    said = next((ours for theirs, ours in _JSON.items() if error.msg.startswith(theirs)), "a sign too many")
    return f"{place}: {said}"


def yaml_fault(problem: str | None) -> str:
    """problem: what PyYAML says."""
    for pattern, said in _YAML:
        if found := re.search(pattern, problem or "", re.S):
            return said.format(*(quoted(_sign(sign)) for sign in found.groups()))
    return "a sign that is not expected here: put the text in quotes"


def _sign(written: str) -> str:
    """As it is, of what `repr` wrote."""
    return {r"'\\t'": "\t"}.get(written, written[1:-1])
