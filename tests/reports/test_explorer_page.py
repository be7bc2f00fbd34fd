"""The explorer as part of a page: what it holds, how large it may be, and that nothing else can run."""

import base64
import hashlib
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import ARCH, NASTY, Page, network_of, panel_of, wave
from warm_program import warm_program

from lstmcli.forecasting.untrained import NETWORK_ALONE, SeasonPair, untrained_network
from lstmcli.gates.explorer import explorer_windows
from lstmcli.gates.inspection import inspect_member
from lstmcli.reports.html.explorer import explorer_document, explorer_script, fit_windows
from lstmcli.reports.html.gate_page import gate_page
from lstmcli.reports.html.markup import html_page

SAMPLES = Path(__file__).parents[2] / "sample_data"
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


def made(cell="lstm", each=2, keys=("a", "b"), at=None, layers=2):
    """The inspection of two series, and the windows that the page holds."""
    network = network_of(replace(ARCH, cell=cell, layers=layers))
    panel = replace(panel_of(wave(100), wave(60, 1)), keys=tuple((key,) for key in keys))
    told = inspect_member(network, panel, 20)
    return told, explorer_windows(network, panel, np.array([0, 1]), each, at=at)


def page_of(**options):
    told, held = made(**options)
    return gate_page(told, {}, "load", held)


@pytest.mark.parametrize(
    ("cell", "shown", "texts"),
    [
        ("lstm", "figoch", ["f", "i", "g", "o", "c", "h"]),
        ("gru", "rznh", ["r", "z", "n", "h"]),
        ("rnn", "h", ["h"]),
    ],
)
def test_the_document_says_what_the_cell_has(cell, shown, texts):
    told, held = made(cell)
    document = explorer_document(held, told.report, "load")
    assert "".join(one["letter"] for one in document["parts"]) == shown
    assert [one["text"].split(" = ")[0] for one in document["equations"]] == texts
    assert (document["layers"], document["units"], document["steps"]) == (2, 6, 3)
    assert [(w["series"], w["origin"]) for w in document["windows"]] == [
        (0, 12), (0, 93), (0, 100), (1, 12), (1, 53), (1, 60),
    ]  # fmt: skip
    assert document["first"] == 2


def test_the_page_says_what_x_is():
    assert "x is 6 numbers that a linear map, the embedding, makes of the 4 values of a step" in page_of()
    assert "In a higher layer x is h of the layer below." in page_of()
    assert "In a higher layer" not in page_of(layers=1)


def test_units_stand_in_the_order_of_their_half_lives():
    told, held = made()
    for layer, memory in zip(
        explorer_document(held, told.report, "")["memory"], told.report.memory, strict=True
    ):
        lives = memory.half_lives[layer["order"]]
        assert (np.diff(lives) <= 0).all()
        assert layer["texts"][layer["order"][0]].startswith(f"{lives[0]:.3g} steps (")


def test_only_the_script_of_the_page_may_run():
    page = page_of()
    (policy,) = POLICY.findall(page)
    digest = base64.b64encode(hashlib.sha256(explorer_script().encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    )
    assert page.count("<script>") == 1
    assert page.split("<script>")[1].split("</script>")[0] == explorer_script()
    (policy,) = POLICY.findall(html_page("no script", []))
    assert "script-src" not in policy


def test_names_of_series_stay_text():
    page = Page(page_of(keys=(NASTY, "b & c")))
    (document,) = [text for text in page.scripts if text.startswith("{") and '"numbers"' in text]
    assert json.loads(document)["series"] == [NASTY, "b & c"]
    assert not any("onload" in attributes for _, attributes in page.tags)


def test_the_script_asks_for_nothing():
    script = explorer_script()
    for word in ("http:", "https:", "fetch(", "XMLHttp", "import(", "innerHTML", "eval(", "document.write"):
        assert word not in script.replace("http://www.w3.org/2000/svg", ""), word
    with pytest.raises(ValueError, match="may not hold"):
        html_page("", [], "'</script>'")


def test_the_longest_series_says_how_many_windows_fit():
    panel = panel_of(wave(8), wave(200))
    network = untrained_network(SeasonPair(12, 12), 7, 200, NETWORK_ALONE)
    told = inspect_member(network, panel, 20)
    held = fit_windows(network, panel, np.array([0, 1]), 300_000)
    size = sum(len(json.dumps(window)) for window in explorer_document(held, told.report, "")["windows"])
    assert 150_000 < size < 300_000


def test_the_page_of_a_sample_is_below_its_limit(tmp_path, environment):
    page = tmp_path / "gates.html"
    named = [str(SAMPLES / "employment.csv"), "-m", "builtin", "-o", str(tmp_path / "report.txt")]
    subprocess.run(
        [warm_program(), "inspect-gates", *named, "--html", str(page), "--windows", "60"],
        env=environment,
        check=True,
    )
    assert page.stat().st_size < 1_500_000
    assert "The page holds 1 of 25 windows of each of 6 series; fewer" in page.read_text(encoding="utf-8")


def test_what_a_page_has_no_room_for_is_left_out_origins_first_and_said():
    network = network_of(ARCH)
    panel = panel_of(*[wave(200, seed) for seed in range(6)])
    chosen = np.arange(6)
    alone = explorer_windows(network, panel, np.array([0]), 0)
    told = inspect_member(network, panel, 20)
    one = len(json.dumps(explorer_document(alone, told.report, "")["windows"][0]))

    def counts(room):
        held = fit_windows(network, panel, chosen, int(room * one))
        text = re.search(r"The page holds [^.]*\.", Page(gate_page(told, {}, "load", held)).all_text())[0]
        return np.bincount(held.traced.series).tolist(), text

    assert counts(1000) == ([25] * 6, "The page holds 25 windows of each of 6 series.")
    more = "; fewer, picked with --series, leave room for more windows."
    assert counts(18.5) == ([3] * 6, f"The page holds 3 of 25 windows of each of 6 series{more}")
    assert counts(4.5) == ([1] * 4, f"The page holds 1 of 25 windows of each of 4 of 6 series{more}")
    assert counts(0) == ([1], "The page holds 1 of 25 windows of 1 of 6 series; --series picks others.")
