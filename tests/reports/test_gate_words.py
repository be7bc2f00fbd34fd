"""Sentences of inspect-gates: what they claim is what the figures say."""

from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, Page, network_of, panel_of, wave

from lstmcli.gates.inspection import inspect_member
from lstmcli.gates.use import FrozenGate, Use, use_horizon
from lstmcli.reports.html.gate_page import gate_page
from lstmcli.reports.text.gate_words import use_words


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
        "what the network remembers of the steps before does not help on this file."
    )
    assert gates == (
        "With a gate held at its mean the error changes by -5.0% to +0.4%, never more than 1 % up: "
        "that the gates move with the data does not help on this file."
    )


def test_where_they_help_it_says_how_much(told):
    steps, gates = words(told, {1: 3.0, 2: 2.0, 3: 1.8, 4: 1.99}, (0.02, 0.31, 0.1, -0.3))
    assert steps == (
        "With the last 2 steps alone the error is 2.000, with all 4 1.990; it is least, 1.800, with 3: "
        "what the network remembers of the steps before helps by 10.0% at most on this file."
    )
    assert gates.endswith("-30.0% to +31.0%: that the input gate i moves with the data helps most.")
    steps, _ = words(told, {1: 3.0, 2: 2.0, 3: 1.5}, (0, 0, 0, 0))
    assert steps == "The whole context helps: with the last 2 of 3 steps the error is 2.000, with all 1.500."


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
