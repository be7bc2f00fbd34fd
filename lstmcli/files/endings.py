"""The form of what is written: chosen by the ending of the file, else by --format."""

import os
import re
from collections.abc import Iterable, Mapping

from lstmcli.errors import CannotCreate, UsageError

# Endings, and the form that each stands for.
TABLE_ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
REPORT_ENDINGS = {".txt": "text", ".json": "json", ".yaml": "yaml", ".yml": "yaml", ".html": "html"}
YAML_ENDINGS = {".yaml": "yaml", ".yml": "yaml"}
SETTINGS_ENDINGS = {**YAML_ENDINGS, ".json": "json"}
SCHEMA_ENDINGS = {".json": "json"}
PICTURE_ENDINGS = (".png", ".svg", ".pdf")

_STANDARD_OUTPUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def as_hyphen(path: str) -> str:
    """A hyphen for the names of standard output.

    Opened as a file, one that standard output was led to would be replaced, and what is in it lost.
    """
    return "-" if path in _STANDARD_OUTPUT else path


def form_to_write(
    path: str, endings: Mapping[str, str], usual: str, given: str | None = None, flag: str = "-o"
) -> str:
    """The form that a file is written in; path: "-" for standard output.

    endings: those that can be written, with their forms; given: that of --format. Without an ending, and
    into a device or a pipe, it is the given form, else the usual one.

    Raises UsageError for another ending, for a --format that contradicts it, and for a URL; CannotCreate
    for a folder.
    """
    if path == "-":
        return given or usual
    _check_is_file(path, flag)
    ending = os.path.splitext(path)[1].lower()
    if not ending or (os.path.exists(path) and not os.path.isfile(path)):
        return given or usual
    if ending not in endings:
        page = "; --html FILE writes a page" if ending == ".html" else ""
        raise UsageError(
            f"{flag} {path}: the ending {ending} is not known; write {listed_endings(endings)}{page}"
        )
    form = endings[ending]
    if given is not None and given != form:
        fitting = [known for known, what in endings.items() if what == given]
        rename = f", or end the name in {fitting[0]}" if fitting else ""
        raise UsageError(f"--format {given} contradicts {flag} {path}: leave out --format{rename}")
    return form


def picture_folder(path: str) -> tuple[str, str] | None:
    """The folder and the form of pictures, of "pictures/" (PNG) or "pictures/.svg"; None for a file."""
    folder, name = os.path.split(path)
    if name.lower() in PICTURE_ENDINGS:
        return folder or ".", name[1:].lower()
    return (path, "png") if path.endswith("/") or os.path.isdir(path) else None


def check_picture_ending(path: str | os.PathLike[str], folders: bool = False) -> None:
    """folders: whether a folder for several pictures may be named. Raises UsageError for a picture of an
    unknown kind, one without an ending is PNG; and for a folder where one picture is written."""
    found = None if os.path.isdir(path) else picture_folder(os.fspath(path))
    if found is not None:
        if folders:
            return
        raise UsageError(f"--plot {path}: one picture is drawn; name a file, as {found[0].rstrip('/')}/a.svg")
    name, ending = os.path.splitext(os.path.basename(path))
    ending = (ending or (name if name.startswith(".") else "")).lower()
    if ending and ending not in PICTURE_ENDINGS and not os.path.isdir(path):
        raise UsageError(f"--plot {path}: a picture ends in {listed_endings(PICTURE_ENDINGS)}, not {ending}")


def form_of_picture(path: str | os.PathLike[str]) -> str:
    """ "svg" or "pdf" by the ending of a path, "png" where it has another or none."""
    form = os.path.splitext(path)[1].lower().removeprefix(".")
    return form if form in ("svg", "pdf") else "png"


def _check_is_file(path: str, flag: str) -> None:
    if not path:
        raise UsageError(f"{flag} '': name a file, or - for standard output")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://?", path):
        raise UsageError(
            f"{flag} {path}: a URL cannot be written to; name a file, or - and pipe the output on"
        )
    if path.endswith("/") or os.path.isdir(path):
        raise CannotCreate(f"{path}: cannot be written: is a folder; name a file in it")


def listed_endings(endings: Iterable[str]) -> str:
    """As a sentence lists them."""
    *first, last = endings
    return f"{', '.join(first)} or {last}" if first else last
