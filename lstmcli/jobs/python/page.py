"""Pages of HTML, as methods give them."""

import os

from lstmcli.files.checked import check_outputs, page_output
from lstmcli.files.output import write_out

Target = str | os.PathLike[str]


class Page(str):
    """A page as a text, which a notebook that ends a cell with it does not print in full."""

    def __repr__(self) -> str:
        return f"Page: HTML of {len(self):,} characters; report(data, path) writes it to a file"


def kept_page(text: str, path: Target | None) -> Page:
    """The page, which is also written where a path is given. Raises UsageError, CannotCreate, WriteFailed."""
    if path is not None:
        check_outputs([page_output(os.fspath(path))])
        write_out(text, os.fspath(path))
    return Page(text)
