"""Figures of the gates, on weights whose truth is known."""

import numpy as np
import pytest
from builders import made_model, panel_of

from lstmcli.gates.memory import memory, unit_half_lives
from lstmcli.gates.origins import spread_origins
from lstmcli.gates.replay import GateTrace
from lstmcli.gates.statistics import summaries
from lstmcli.gates.trace import trace_windows
from lstmcli.network.cells import GATES, Trace
from lstmcli.tables.write.tables import trace_table

NETWORK = made_model().network
PANEL = panel_of(np.sin(np.arange(60.0)), np.cos(np.arange(30.0)))


def test_a_planted_half_life_is_found():
    keep = np.full((3, 10, 2), 0.5)
    keep[:, :, 1] = 0.5 ** (1 / 24)
    assert unit_half_lives(keep) == pytest.approx([1, 24])


def test_the_half_life_is_that_of_the_product_of_the_gates():
    # Kept 0.9 then 0.4: after two steps 0.36 is left, as after two steps of 0.6.
    keep = np.array([[[0.9], [0.4]]])
    assert unit_half_lives(keep) == pytest.approx([np.log(0.5) / np.log(0.6)])


def test_a_summary_counts_open_and_closed():
    gate = np.array([0.05, 0.05, 0.2, 0.95]).reshape(1, 4, 1)
    candidate = np.array([-0.95, 0.0, 0.5, 0.95]).reshape(1, 4, 1)
    layer = Trace({"reset": gate, "update": gate, "candidate": candidate}, gate, gate)
    rows = summaries(GateTrace(np.array([0]), np.array([4]), [layer]), "gru")
    assert [r.gate for r in rows] == ["reset", "update", "candidate"]
    assert (rows[0].closed, rows[0].open, rows[0].mean) == (0.5, 0.25, pytest.approx(0.3125))
    assert rows[0].p50 == pytest.approx(0.125)
    assert (rows[2].closed, rows[2].open) == (0.25, 0.25)


def test_a_plain_rnn_has_no_half_life():
    h = np.zeros((1, 3, 2))
    assert (
        memory(GateTrace(np.array([0]), np.array([3]), [Trace({"candidate": h}, h, h)]), "rnn")[0].half_lives
        is None
    )


def test_windows_are_spread_over_all_series():
    series, origins = spread_origins(PANEL, NETWORK.shape, 8)
    assert series.tolist() == [0] * 4 + [1] * 4
    # From the first full context to the last known horizon of 7.
    assert origins.tolist() == [12, 25, 39, 53, 12, 15, 19, 23]


def test_as_many_windows_as_asked_and_none_twice():
    series, origins = spread_origins(PANEL, NETWORK.shape, 5)
    assert list(zip(series.tolist(), origins.tolist(), strict=True)) == [
        (0, 12), (0, 32), (0, 53), (1, 12), (1, 23)
    ]  # fmt: skip
    short = panel_of(np.arange(14.0), np.arange(9.0))
    series, origins = spread_origins(short, NETWORK.shape, 50)
    assert list(zip(series.tolist(), origins.tolist(), strict=True)) == [(0, 12), (1, 9)]


def test_fewer_windows_than_series_take_their_ends():
    panel = panel_of(*[np.arange(40.0)] * 5)
    series, origins = spread_origins(panel, NETWORK.shape, 3)
    assert (series.tolist(), origins.tolist()) == ([0, 2, 4], [33, 33, 33])


def test_a_trace_obeys_the_equations_of_the_cell():
    traced = trace_windows(NETWORK, PANEL, np.array([0, 1]), np.array([60, 30]))
    layer = traced.layers[0]
    f, i, g, o = (layer.gates[name] for name in ("forget", "input", "candidate", "output"))
    before = np.concatenate([np.zeros((2, 1, 6)), layer.c[:, :-1]], axis=1)
    assert layer.c == pytest.approx(f * before + i * g, abs=1e-12)
    assert layer.h == pytest.approx(o * np.tanh(layer.c), abs=1e-12)


def test_the_trace_table_has_a_row_per_window_step_and_unit():
    traced = trace_windows(NETWORK, PANEL, np.array([0, 1]), np.array([60, 30]))
    table = trace_table(traced, PANEL, NETWORK.arch, "time", "%Y-%m-%d %H:%M")
    where = ["id", "time", "step", "layer", "unit"]
    assert list(table.columns) == [*where, *GATES["lstm"], "cell_state", "hidden_state"]
    assert len(table) == 2 * 3 * 6
    last = table.iloc[-1]
    # The last window ends before hour 30; its last step reads hours 26 to 29.
    assert (last["id"], last["time"], last["step"], last["unit"]) == ("b", "2024-01-02 02:00", 3, 6)
    assert last["cell_state"] == traced.layers[0].c[1, 2, 5]


def test_step_1_is_the_first_that_reads_a_value_and_padding_stands_before_it():
    short = panel_of(np.arange(6.0))
    traced = trace_windows(NETWORK, short, np.array([0]), np.array([6]))
    table = trace_table(traced, short, NETWORK.arch, "time", None)
    assert table["step"].tolist() == [0] * 6 + [1] * 6 + [2] * 6
    # Hours 0 and 1 are read by step 1 behind two padded ones, 2 to 5 by step 2.
    hours = table["time"].astype(str).str[:16].unique().tolist()
    assert hours == ["2023-12-31 18:00", "2024-01-01 00:00", "2024-01-01 02:00"]
    assert table["cell_state"].tolist() == pytest.approx(traced.layers[0].c[0].ravel().tolist())
