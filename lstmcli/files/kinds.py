"""Which kind of file one is, by its first bytes: whether an output may take its place."""

import os
import stat

# The kind of file that each form is written as.
KIND_OF_FORM = {
    **dict.fromkeys(("csv", "tsv", "json", "ndjson", "text", "yaml", "prom", "nagios"), "text"),
    **{form: form for form in ("html", "png", "svg", "pdf", "parquet", "xlsx", "onnx")},
    **{form: form for form in ("model", "checkpoint", "state")},
}
NAMES_OF_KINDS = {
    "text": "a text or a table",
    "html": "an HTML page",
    "png": "a PNG picture",
    "svg": "an SVG picture or another XML file",
    "pdf": "a PDF",
    "parquet": "a Parquet file",
    "xlsx": "a workbook or another zip archive",
    "onnx": "an ONNX graph",
    "model": "a model file of lstmcli",
    "checkpoint": "a checkpoint of a training",
    "state": "a state of watch",
    "tensors": "a .safetensors file of another program",
    "binary": "a binary file",
}
_HEAD = 1024  # bytes that are looked at
_STARTS = {
    b"\x89PNG\r\n": "png",
    b"%PDF-": "pdf",
    b"PAR1": "parquet",
    b"PK\x03\x04": "xlsx",
    b"\x08": "onnx",  # its first field is the version of the format, a small number
}
# Names under which the .safetensors files of lstmcli hold their document, in the beginning of their header.
_OWN = {b'"lstmcli":"': "model", b'"lstmcli-checkpoint":"': "checkpoint", b'"lstmcli-watch":"': "state"}
_OWN_WITHIN = 150  # bytes
_MARKUP = {b"<!doctype html": "html", b"<html": "html", b"<svg": "svg", b"<?xml": "svg"}
_WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")  # byte order marks of UTF-16 and UTF-32
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\f\r\x1a\x1b")


def kind_of_file(path: str) -> str:
    """A key of `NAMES_OF_KINDS`; "" for one that is empty, is no file, or cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return kind_of_bytes(os.read(handle, _HEAD)) if stat.S_ISREG(os.fstat(handle).st_mode) else ""
    except OSError:
        return ""
    finally:
        os.close(handle)


def kind_of_bytes(head: bytes) -> str:
    """By the first bytes of a file."""
    if not head:
        return ""
    for start, kind in _STARTS.items():
        if head.startswith(start) and not (start == b"\x08" and head[8:9] == b"{"):
            return kind
    if head[8:9] == b"{":
        found = [kind for name, kind in _OWN.items() if name in head[:_OWN_WITHIN]]
        return found[0] if found else _text_or(head, "tensors")
    return _text_or(head, "binary")


def _text_or(head: bytes, other: str) -> str:
    if head.startswith(_WIDE_TEXT):
        return "text"
    if any(code in _CONTROLS for code in head):
        return other
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((kind for start, kind in _MARKUP.items() if begin.startswith(start)), "text")
