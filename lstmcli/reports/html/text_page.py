"""A report of text as a page."""

from lstmcli.reports.html.markup import html_page, preformatted_block


def text_page(title: str, text: str) -> str:
    return html_page(title, [preformatted_block(text.rstrip("\n").split("\n"))])
