"""Sentences of inspect-gates: what they claim is what the figures say."""

from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, Page, network_of, panel_of, wave

from lstmcli.gates.figures import FIGURE_UNITS, FIGURES
from lstmcli.gates.inspection import inspect_member
from lstmcli.gates.use import FrozenGate, Use, use_horizon
from lstmcli.reports.html.gate_page import gate_page
from lstmcli.reports.text.gate_words import beyond_window, plain_header, use_words


@pytest.fixture(scope="module")
def told():
    return inspect_member(network_of(ARCH), panel_of(wave(100)), 20)


def words(told, errors, changes):
    """errors: by steps; changes: of the gates of the LSTM."""
    names = ("forget", "input", "candidate", "output")
    frozen = [FrozenGate(0, name, 1 + c, c) for name, c in zip(names, changes, strict=True)]
    use = Use(9, np.array(list(errors)), np.array(list(errors.values())), use_horizon(errors), frozen, [])
    return list(use_words(replace(told.report, use=use)))


def test_where_memory_and_gates_do_not_help_it_says_so(told):
    steps, gates = words(told, {1: 1.104, 2: 1.134, 3: 1.098, 4: 1.108}, (-0.012, -0.021, -0.05, 0.004))
    assert steps == (
        "With the last step alone the error is 1.104, with all 4 1.108; it is least, 1.098, with 3: "
        "what the network remembers of the steps before hardly helps, by 0.5% at most, on this file."
    )
    assert gates == (
        "With a gate held at its mean the error changes by -5.0% to +0.4%, never more than 1 % up: "
        "that the gates move with the data does not help on this file."
    )


def test_what_rounds_to_nothing_has_no_sign_and_no_gain(told):
    steps, gates = words(told, {1: 1.1, 2: 1.1, 3: 1.1, 4: 1.1}, (-0.0002, 0.0003, 0.0, 0.0001))
    assert steps.endswith("what the network remembers of the steps before does not help on this file.")
    assert "the error changes by 0.0%, never" in gates


def test_where_they_help_it_says_how_much(told):
    steps, gates = words(told, {1: 3.0, 2: 2.0, 3: 1.8, 4: 1.99}, (0.02, 0.31, 0.1, -0.3))
    assert steps == (
        "With the last 2 steps alone the error is 2.000, with all 4 1.990; it is least, 1.800, with 3: "
        "what the network remembers of the steps before helps by 10.0% at most on this file."
    )
    assert gates.endswith("-30.0% to +31.0%: that the input gate i moves with the data helps most.")
    steps, _ = words(told, {1: 3.0, 2: 2.0, 3: 1.5}, (0, 0, 0, 0))
    assert steps == "The whole context helps: with the last 2 of 3 steps the error is 2.000, with all 1.500."


def test_half_lives_beyond_the_window_have_a_caveat(told):
    (layer,) = told.report.memory  # of 6 units; a window has 3 steps
    lives = replace(layer, half_lives=np.array([0.5, 3.0, 3.1, 40.0, 1.0, 2.0]))
    report = replace(told.report, memory=[lives])
    assert beyond_window(report).startswith("2 of 6 units have a half-life beyond the 3 steps of a window")
    text = Page(gate_page(replace(told, report=report), {}, "load")).all_text()
    assert beyond_window(report) in text
    short = replace(layer, half_lives=np.full(6, 3.0))
    assert beyond_window(replace(told.report, memory=[short])) == ""


def test_the_page_begins_in_plain_words(told):
    report = replace(told.report, share=0.25)
    assert list(plain_header(report)) == [
        "Shown is the model: an LSTM of 6 units; the network has 0.25 of the forecast, the "
        "rest is from other methods.",
        "Before a forecast it reads 3 steps of 4 values (4 hours) each, 12 hours together: this is a window. "
        f"All figures below are taken over {report.windows} windows of 1 series.",
    ]


def test_main_figures_have_units_and_words(told):
    shown = replace(told, figures={"dead": 0.0625, "use": 8.0, "longest": 30.0, "decay": 0.51, "error": None})
    text = Page(gate_page(shown, {}, "load")).all_text()
    assert "0.06256.2%: share of units whose output hardly moves" in text
    assert "8observations, 8 hours: observations at the end of the context" in text
    assert "30observations, 1.25 days: longest half-life of a unit, in observations; beyond the 12" in text
    assert "0.51times per step: factor" in text
    assert set(FIGURE_UNITS) == set(FIGURES)


def test_the_page_says_what_the_forecast_depends_on(told):
    share = told.report.attribution.by_group()
    assert sum(share.values()) == pytest.approx(1)
    assert list(share.values()) == sorted(share.values(), reverse=True)
    text = Page(gate_page(told, {}, "load")).all_text()
    name, most = next(iter(share.items()))
    assert f"{name} {most:.0%}" in text
    assert "the value itself, scaled" in text
    for sentence in use_words(told.report):
        assert sentence in text
