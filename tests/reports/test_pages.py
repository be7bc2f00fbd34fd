"""The page of inspect-gates: well formed, complete, and in need of nothing else."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, NASTY, Page, network_of, panel_of
from matplotlib.figure import Figure

from lstmcli.gates.figures import FIGURES, figure_changes
from lstmcli.gates.findings import GateFinding
from lstmcli.gates.inspection import inspect_member
from lstmcli.reports.html.data import data_section
from lstmcli.reports.html.gate_page import gate_page
from lstmcli.reports.html.markup import aligned_numbers, embed_json, html_page, html_table, paragraph, section
from lstmcli.reports.pictures.gates import NamedPicture
from lstmcli.reports.pictures.style import picture_bytes, plot_style
from lstmcli.reports.text.gates_json import summary

WAVE = np.sin(np.arange(400) * np.pi / 12) + 0.1 * np.random.default_rng(0).normal(size=400)


def inspection_of(cell="lstm", **changes):
    network = network_of(replace(ARCH, cell=cell, layers=2))
    told = inspect_member(network, panel_of(WAVE, WAVE), 30, at=(1, 300))
    return replace(told, **changes)


def drawn_svg(title):
    with plot_style():
        figure = Figure(figsize=(3, 2))
        figure.subplots().set_title(title.replace("$", r"\$"))
        return picture_bytes(figure, "svg")


def page_of(told, name="load", pictures=()):
    return Page(gate_page(told, {p.name: p for p in pictures}, name))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_page_holds_everything(cell):
    told = inspection_of(cell, findings=(GateFinding("dead-units", "7 of 8 units are dead", "try fewer"),))
    told = replace(told, drifts=figure_changes(dict.fromkeys(FIGURES, 0.25), told.figures))
    page = page_of(told)
    text = page.all_text()
    for finding in told.findings:
        assert f"{finding.text}. {finding.action} {finding.id}" in text
    for identity in told.report.identities:
        assert f"{identity.text}{identity.shown}" in text
    for stamp in told.stamps:
        assert stamp in text
    for gate in told.report.gates:
        assert f"{gate.mean:.3f}" in text
    for name in FIGURES:
        assert name in text
    assert "Since the baseline" in text
    assert "The forecast of b made when 2024-01-13 11:00" in text


def test_the_summary_can_be_read_from_the_page():
    told = inspection_of(name=NASTY)
    page = page_of(told)
    assert ("script", {"type": "application/json", "id": "summary"}) in page.tags
    exact = json.dumps(summary(told))
    six_digits = json.loads(exact, parse_float=lambda text: float(f"{float(text):.6g}"))
    assert json.loads(page.scripts[-1]) == six_digits
    assert json.loads(page.scripts[-1])["window"]["series"] == NASTY


def test_the_page_of_an_rnn_says_why_it_forgets():
    told = inspection_of("rnn")
    first = told.report.gradient[0]
    reach = replace(
        first,
        h=np.array([4.0, 1, 0.01]),
        low=None,
        high=None,
        tanh=np.array([0.5, 0.3]),
        matrix=np.array([1.2, 0.8]),
    )
    told = replace(told, report=replace(told.report, gradient=[reach]))
    text = page_of(told).all_text()
    assert "by the slope of tanh (0.40 on average) and by the matrix W (1.00)." in text
    assert "Over 2 steps 0.25 % of it is left" in text
    assert "candidate" not in text and "hidden state h" in text
    assert "slope of tanh" not in page_of(inspection_of("gru")).all_text()


def test_the_page_loads_and_runs_nothing():
    told = inspection_of()
    page = page_of(told, pictures=[NamedPicture("half_lives", "How long", drawn_svg("memory"))])
    for tag, attributes in page.tags:
        assert tag not in {"link", "iframe", "object", "base", "form", "a"}
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
    assert [a for tag, a in page.tags if tag == "script"] == [{"type": "application/json", "id": "summary"}]
    assert not any("http:" in part or "https:" in part or "url(" in part for part in page.scripts)
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in [a for _, a in page.tags]


def test_pictures_are_inside_the_page():
    drawn = [
        NamedPicture("half_lives", 'a "caption" <b>', drawn_svg(NASTY)),
        NamedPicture("window", "two", drawn_svg("t")),
    ]
    page = page_of(inspection_of(), pictures=drawn)
    images = [a for tag, a in page.tags if tag == "svg"]
    assert [a["aria-label"] for a in images] == ["window", "half lives"]
    assert 'a "caption" <b>' in page.all_text()
    assert NASTY in page.all_text()
    assert {tag for tag, _ in page.tags}.isdisjoint({"b", "img", "metadata"})


def test_names_of_the_user_stay_text():
    finding = GateFinding("dead-units", NASTY, NASTY)
    told = inspection_of(name=NASTY, stamps=(NASTY,) * len(inspection_of().stamps), findings=(finding,))
    page, plain = (
        page_of(told, NASTY),
        page_of(inspection_of(findings=(replace(finding, text="", action="a"),))),
    )
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert page.all_text().count(NASTY) == 2 + 2 + 1 + len(told.stamps)  # title twice, series once


def test_a_table_without_rows_and_a_section_without_content_are_left_out():
    assert html_table(("a",), []) == ""
    assert section("a", "", "") == ""
    assert "Since the baseline" not in page_of(inspection_of()).all_text()


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([7426.7, 7564.24, -12], ["7,426.70", "7,564.24", "-12.00"]),
        ([3.5, 12.25, 0], ["3.50", "12.25", "0.00"]),
        ([1234567.8, 2], ["1,234,568", "2"]),
        ([0.00123456, 0.1], ["0.001235", "0.100000"]),
        ([0, 0], ["0", "0"]),
        ([], []),
    ],
)
def test_numbers_of_a_column_have_their_decimals_below_each_other(values, texts):
    assert aligned_numbers(np.array(values, float)) == texts


def test_the_range_of_the_data_has_marks_of_thousands_at_both_ends():
    section_of_data = data_section(panel_of(np.array([4146.4, 24321.6, 9000])), "load.csv", 1, ("load",))
    assert "4,146 to 24,322" in section_of_data
    small = data_section(panel_of(np.array([0.25, 999.94])), "load.csv", 1, ("load",))
    assert "0.25 to 999.9" in small


def test_markup_escapes_what_ends_a_tag_or_a_quote():
    ends = "<a href='x'>\"&"
    assert paragraph(ends, ends) == (
        '<p class="&lt;a href=&#39;x&#39;&gt;&#34;&amp;">&lt;a href=&#39;x&#39;&gt;&#34;&amp;</p>'
    )
    assert "</script>" not in embed_json({"a": "</script>"}, "x")[:-9]
    with pytest.raises(ValueError, match="JSON"):
        embed_json({"a": float("nan")}, "x")
    assert html_page("{{ body }}", ["{{ title }}"]).count("{{") == 3
