"""A report in the form that is asked for: text, JSON, YAML or a page."""

import json
from collections.abc import Callable

from lstmcli.errors.foreign import printable


def report_in(
    form: str,
    title: str,
    text: Callable[[], str],
    document: Callable[[], str],
    page: Callable[[], str] | None = None,
) -> str:
    """form: one of `files.endings.REPORT_ENDINGS`; document: the report as JSON, of which YAML is made;
    page: as HTML, by default the text below its title."""
    if form == "json":
        return document()
    if form == "yaml":
        from lstmcli.settings.yaml import as_yaml

        return as_yaml(json.loads(document()))
    if form == "html":
        from lstmcli.reports.html.text_page import text_page

        return page() if page else text_page(title, text())
    return printable(text())
