"""Names to offer: of the settings, and of the columns of a file.

A key press waits for the answer: nothing is imported here that takes long to load.
"""

import ast
import csv
import glob
import gzip
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from lstmcli.files import endings
from lstmcli.settings import choices

_LONGEST_HEADER = 1 << 20
_SEPARATORS = ",;\t|"
# What -o of each command writes.
_OUTPUTS = {
    **dict.fromkeys(("predict", "backtest"), endings.TABLE_ENDINGS),
    **dict.fromkeys(("check", "inspect-gates", "verify"), endings.REPORT_ENDINGS),
    **dict.fromkeys(("tune", "defaults", "show"), endings.SETTINGS_ENDINGS),
    "schema": endings.SCHEMA_ENDINGS,
}
# Settings whose values are names of columns.
COLUMNS = ("time", "series", "target", "past", "future", "static", "categorical")


@dataclass(frozen=True)
class Setting:
    description: str
    choices: tuple[str, ...]


@cache
def settings() -> dict[str, Setting]:
    """The fields of `settings.model.Settings`, read from its source: importing it takes 0.3 s."""
    spec = find_spec("lstmcli.settings.model")
    assert spec is not None and spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    (declared,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Settings"]
    found = {}
    for node in declared.body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        if isinstance(node.value, ast.Call):
            described = [k.value for k in node.value.keywords if k.arg == "description"]
            text = str(ast.literal_eval(described[0])) if described else ""
            found[node.target.id] = Setting(text, _choices(node.annotation))
    return found


def _choices(annotation: ast.expr) -> tuple[str, ...]:
    """What an annotation allows by name: Flag, and the names of `settings.choices`."""
    if isinstance(annotation, ast.Name):
        return (
            ("true", "false") if annotation.id == "Flag" else get_args(getattr(choices, annotation.id, None))
        )
    if isinstance(annotation, ast.BinOp):
        return _choices(annotation.left) + _choices(annotation.right)
    return ()


def output_endings(command: str, option: str) -> tuple[str, ...]:
    """The endings that a file of an option of a command may have; none where they do not matter."""
    if option == "trace":
        return tuple(endings.TABLE_ENDINGS)
    return tuple(_OUTPUTS.get(command, ())) if option == "output" else ()


def columns(data: list[str]) -> list[str]:
    """The header of the first CSV file, gzipped or not, that the words on the line name."""
    for word in data:
        path = Path(next(iter(sorted(glob.glob(word))), word)).expanduser()
        if path.is_file():
            return _header(path)
    return []


def _header(path: Path) -> list[str]:
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
        line = next((row for row in iter(lambda: file.readline(_LONGEST_HEADER), b"") if row.strip()), b"")
    text = line.decode("utf-8-sig", errors="replace")
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        return []
    separator = max(_SEPARATORS, key=text.count)
    names = next(csv.reader([text.strip("\r\n")], delimiter=separator), [])
    return [name.strip() for name in names if name.strip()]
