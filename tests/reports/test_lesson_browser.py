"""The lesson of `inspect-gates --cells` in a browser: its numbers are those of `--out`, none is cut."""

import csv
import json
import re

import numpy as np
import pytest
from browser import needs_driver

from lstmcli.cli.commands.inspect_gates import inspect_gates

pytestmark = needs_driver
CARRIERS = {"RNN": ("rnn", "dL_dh"), "GRU": ("gru", "dL_dh"), "LSTM": ("lstm", "dL_dc")}
# Tables below a heading, each a list of rows of cells.
TABLES = """
const section = [...document.querySelectorAll('section')].find(
    s => s.querySelector('h2').textContent === '{}');
return [...section.querySelectorAll('table')].map(
    t => [...t.rows].map(r => [...r.cells].map(c => c.textContent)));
"""
# A chart: its paths by class, and [place in percent, label] along its left side and below.
CHART = """
const figure = [...document.querySelectorAll('figure')].find(
    f => f.querySelector('h3').textContent.startsWith('{}'));
const labels = (part, side) => [...figure.querySelectorAll('.' + part + ' span')].map(
    s => [parseFloat(s.style[side]), s.textContent]);
return {{
    paths: Object.fromEntries([...figure.querySelectorAll('path')].map(
        p => [p.className.baseVal, p.getAttribute('d')])),
    beside: labels('beside', 'top'), below: labels('below', 'left'),
}};
"""
# Text that leaves the window to a side, but for what can be moved into sight; and labels on one another.
CUT = """
const seen = [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(
    n => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility() && !e.closest('.wide, pre'));
return seen.filter(e => {
    const box = e.getBoundingClientRect();
    return box.left < -1 || box.right > document.documentElement.clientWidth + 1;
}).map(e => e.textContent);
"""
COVERED = """
const found = [];
for (const side of document.querySelectorAll('.beside, .below')) {
    const boxes = [...side.children].filter(e => e.checkVisibility()).map(
        e => [e.getBoundingClientRect(), e.textContent]);
    boxes.forEach(([a, text], k) => boxes.slice(k + 1).forEach(([b, other]) => {
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
            found.push(text + ' on ' + other);
    }));
}
return found;
"""
INKS = """
const colour = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = colours => colours.map(v => linear(v / 255)).reduce(
    (sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
const back = light(colour(getComputedStyle(document.body).backgroundColor));
return Object.fromEntries([...document.querySelectorAll('figure.chart path:not(.grid)')].map(p => {
    const own = light(colour(getComputedStyle(p).stroke));
    return [p.className.baseVal, (Math.max(own, back) + 0.05) / (Math.min(own, back) + 0.05)];
}));
"""


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """The page of a study of seconds, what `--out` holds of it, and rows of its curves by lag."""
    folder = tmp_path_factory.mktemp("lesson")
    random = np.random.default_rng(3)
    values = 5 + np.sin(np.arange(150) * np.pi / 3) + 0.1 * random.normal(size=150)
    rows = [f"2024-01-{1 + k // 24:02d} {k % 24:02d}:00,{value:.4f}" for k, value in enumerate(values)]
    (folder / "data.csv").write_text("\n".join(["time,value", *rows, ""]))
    page = folder / "lesson.html"
    settings = ("context=12", "season=6", "hidden=6", "steps=25", "batch=8", "validation=2", "processes=1")
    inspect_gates(
        [str(folder / "data.csv")], cells=True, seeds=2, delays="2,9", horizon=4,
        output=str(folder / "l.txt"), out=folder / "out", html=str(page), assignment=list(settings),
    )  # fmt: skip
    with open(folder / "out" / "gradient_by_lag.csv") as file:
        curves = {
            (r["task"], int(r["delay"]), r["cell"], r["trained"], r["quantity"], int(r["lag_steps"])): float(
                r["median"]
            )
            for r in csv.DictReader(file)
        }
    return page, json.loads((folder / "out" / "cells.json").read_text()), curves


@pytest.fixture
def show(browser, lesson):
    def make(width=1280, scheme="light", **look):
        browser.look(width, scheme, **look)
        browser.open(lesson[0])
        return browser

    return make


def share(text):
    return float(text.removesuffix(" %")) / 100


def test_the_tables_of_recall_are_those_of_out(show, lesson):
    _, document, curves = lesson
    learned, back, numbers = show().run(TABLES.format("Recall: a task that needs memory"))[:2] + show().run(
        TABLES.format("Why: the gradient on its way back")
    )
    by_place = {(r["cell"], r["delay"]): r for r in document["recall"]["results"]}
    assert learned[0] == back[0] == ["", "D = 2", "D = 9"]
    for row, reached in zip(learned[1:], back[1:], strict=True):
        cell, carrier = CARRIERS[row[0]]
        assert reached[0] == row[0]
        for delay, text, much in zip((2, 9), row[1:], reached[1:], strict=True):
            result = by_place[cell, delay]
            steps = result["steps_until_learned"]
            assert text == (f"{steps}" if result["learned"] == 2 else f"{result['learned']} of 2")
            expected = curves["recall", delay, cell, "no", carrier, delay]
            assert result["gradient_that_comes_back"] == pytest.approx(expected)
            assert share(much) == pytest.approx(expected, rel=0.06)
    names = {"RNN, dL/dh": ("rnn", "dL_dh"), "GRU, dL/dh": ("gru", "dL_dh"), "LSTM, dL/dc": ("lstm", "dL_dc"),
             "LSTM, product of f": ("lstm", "path"), "LSTM, dL/dh": ("lstm", "dL_dh")}  # fmt: skip
    assert numbers[0][1:] == list(names)
    assert [row[0] for row in numbers[1:]] == ["1", "5", "9"]
    for row in numbers[1:]:
        wanted = [curves["recall", 9, cell, "no", quantity, int(row[0])] for cell, quantity in names.values()]
        assert [float(text) for text in row[1:]] == pytest.approx(wanted, rel=0.06)


def test_the_errors_on_the_data_are_those_of_out(show, lesson):
    (rows,) = show().run(TABLES.format("Your data"))
    document = lesson[1]
    assert rows[0][1] == document["verdict"]["metric"].upper()
    for (name, mean, spread), cell in zip(rows[1:4], document["cells"], strict=True):
        errors = [run["mase"] for run in cell["trained"]]
        assert CARRIERS[name][0] == cell["cell"]
        assert float(mean) == pytest.approx(np.mean(errors), rel=6e-3)
        assert [float(x) for x in spread.split(" to ")] == pytest.approx([min(errors), max(errors)], rel=6e-3)


def test_the_sentences_are_those_of_out(show, lesson):
    said = show().run("return [...document.querySelectorAll('.finding')].map(one => one.textContent)")
    assert sorted(said) == sorted(lesson[1]["verdict"]["sentences"])


@pytest.mark.parametrize(
    ("title", "task", "delay", "trained"),
    [
        ("Gradient by lag, recall over 9 steps, before", "recall", 9, "no"),
        ("Gradient by lag, recall over 9 steps, after", "recall", 9, "yes"),
        ("Gradient by lag on your data, after", "data", 0, "yes"),
    ],
)
def test_lines_end_where_their_curves_end(show, lesson, title, task, delay, trained):
    drawn = show().run(CHART.format(title))
    (top, high), *_, (bottom, low) = [(place, float(label)) for place, label in drawn["beside"]]
    last = delay or lesson[1]["steps"] - 1
    for look, cell, quantity in (
        ("simple", "rnn", "dL_dh"), ("forecast", "lstm", "dL_dc"), ("other5", "lstm", "path")
    ):  # fmt: skip
        points = [[float(x) for x in point.split()] for point in re.split("[ML]", drawn["paths"][look])[1:]]
        assert points[-1][0] == 1000
        place = (points[-1][1] / 10 - top) / (bottom - top)
        value = high * (low / high) ** place
        assert value == pytest.approx(curve_end(lesson, task, delay, cell, trained, quantity, last), rel=0.01)


def curve_end(lesson, task, delay, cell, trained, quantity, last):
    return max(lesson[2][task, delay, cell, trained, quantity, last], 1e-6)


def test_no_request_leaves_the_page(show):
    browser = show()
    asked = browser.requests()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:", "blob:"))] == []
    assert browser.complaints() == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_cut_and_no_label_covers_another(show, width):
    browser = show(width)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(CUT) == []
    assert browser.run(COVERED) == []


@pytest.mark.parametrize(
    ("scheme", "medium", "back"),
    [
        ("light", "", "rgb(255, 255, 255)"),
        ("dark", "", "rgb(21, 23, 26)"),
        ("dark", "print", "rgb(255, 255, 255)"),
    ],
)
def test_every_line_stands_out_from_the_page(show, scheme, medium, back):
    browser = show(390, scheme, medium=medium)
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == back
    contrasts = browser.run(INKS)
    assert len(contrasts) >= 6
    assert min(contrasts.values()) > 3, contrasts


def test_it_is_the_same_page_without_scripts(show):
    with_scripts = show().picture()
    assert show(scripts=False).picture() == with_scripts
