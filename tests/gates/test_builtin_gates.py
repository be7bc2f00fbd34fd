"""The gates of the built-in network: its replay against its twin, its own forecast and what must hold."""

from dataclasses import replace

import numpy as np
import pytest
from builders import made_model, panel_of

from lstmcli.forecasting.builtin import builtin_quantiles, builtin_steps
from lstmcli.forecasting.untrained import NETWORK_ALONE, SeasonPair, untrained_network
from lstmcli.gates.backward import gradients
from lstmcli.gates.explorer import explorer_windows
from lstmcli.gates.findings import findings
from lstmcli.gates.inspection import check_identities, inspect_member
from lstmcli.gates.origins import even_origins, usual_origins
from lstmcli.gates.replay import medians
from lstmcli.gates.report import study
from lstmcli.gates.timeline import timeline
from lstmcli.gates.trace import replay_windows, trace_windows
from lstmcli.learning.pretrain.twin import BuiltinTwin, tensors_of
from lstmcli.network.architecture import Blend, Mix
from lstmcli.network.builtin import MEDIAN, builtin_weights
from lstmcli.reports.html.explorer import explorer_document
from lstmcli.reports.text.gate_words import share_line
from lstmcli.reports.text.gates import ASCII_SIGNS, gate_report_text, header, wrapped_facts
from lstmcli.tables.write.tables import trace_table

NOISE = np.random.default_rng(5).normal(size=150)


def wave(count, season=12):
    return 50 + 0.2 * np.arange(count) + 9 * np.sin(2 * np.pi * np.arange(count) / season) + NOISE[:count]


def network_for(panel, season=12, second=0, horizon=7):
    pair = SeasonPair(season, second or season)
    return untrained_network(pair, horizon, int(panel.lengths.max()), NETWORK_ALONE)


def replay_at(values, origins, **options):
    panel = panel_of(values)
    series = np.zeros(len(origins), np.int64)
    return replay_windows(network_for(panel, **options), panel, series, np.array(origins))


@pytest.mark.parametrize("horizon", [7, 60])
def test_the_gradient_is_that_of_pytorch(horizon):
    replay = replay_at(wave(120), [49, 55, 60], season=12, second=36, horizon=horizon)
    assert replay.arch.steps == 5
    twin = BuiltinTwin().double()
    twin.take_weights(builtin_weights())
    values, *others = (tensor.double() for tensor in tensors_of(replay.read, "cpu"))
    values.requires_grad_()
    of_medians = twin(values, *others)[:, 0, : min(horizon, 48), MEDIAN]
    of_medians.sum().backward()
    found = gradients(replay)
    assert medians(replay) == pytest.approx(of_medians.detach().numpy(), rel=1e-7, abs=1e-9)
    expected = values.grad.numpy().reshape(3, 60, 5)
    assert replay.input_gradient(found.inputs) == pytest.approx(expected, rel=1e-7, abs=1e-10)


def test_with_its_mirror_image_the_replay_gives_the_forecast():
    values = wave(130) - 100  # no logarithms of values that change sign
    one, other = (replay_at(sign * values, [130]) for sign in (1, -1))
    network = network_for(panel_of(values))
    made = (one.restored(network, medians(one)) - other.restored(network, medians(other))) / 2
    expected = builtin_quantiles([values], 12, 12, 7)[:, :, MEDIAN]
    assert made == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "series",
    [
        [wave(150)],
        [wave(150), wave(20), wave(60)],
        [wave(3)],
        [np.full(40, 7.0)],
        [np.zeros(30)],
        [np.where(NOISE[:80] > 0.8, np.nan, wave(80))],
        [1e9 + wave(100)],
    ],
)
def test_what_must_hold_does(series):
    panel = panel_of(*series)
    network = network_for(panel)
    end = len(series[0]) - 1
    found = inspect_member(network, panel, 20, at=(0, end))
    check_identities(found.report, network)
    assert [i.id for i in found.report.identities] == ["replay", "contributions", "gradient"]
    assert found.window.forecast.shape == (7,)
    assert len(found.window.values) == 12 * builtin_steps(end)
    gate_report_text(found, ASCII_SIGNS)


def test_windows_have_one_number_of_steps_and_known_values():
    panel = panel_of(wave(96), wave(40), wave(150), wave(97))
    series, origins = even_origins(panel, 12, 100)
    assert set(series) == {0, 2, 3}  # the usual series has 7 steps with a year known after it
    assert {builtin_steps(int(origin)) for origin in origins} == {7}
    assert (origins + 12 <= panel.lengths[series]).all()
    report = study(network_for(panel, horizon=12), panel, 100)
    assert (report.arch.steps, report.series, report.use.windows) == (7, 3, report.windows)
    short, ends = even_origins(panel_of(wave(3)), 12, 100)
    assert (short.tolist(), ends.tolist()) == ([0, 0], [1, 2])


def test_a_long_series_is_read_to_the_most_steps():
    _, origins = even_origins(panel_of(np.arange(400.0)), 12, 5)
    assert origins.tolist() == [277, 304, 332, 360, 388]


def test_steps_of_a_short_history_end_with_the_others_and_count_from_1():
    panel = panel_of(wave(60), wave(20))
    network = network_for(panel)
    traced = trace_windows(network, panel, np.array([0, 1]), np.array([60, 20]))
    assert np.isnan(traced.layers[0].h[1, :3]).all()
    table = trace_table(traced, panel, network.arch, "time", None)
    assert table.groupby("id")["step"].unique().map(list).tolist() == [[1, 2, 3, 4, 5], [1, 2]]
    assert table.notna().all().all()
    assert len(timeline(network, panel, 1).edges) == 2  # one whole segment, and its end


def test_the_page_and_the_table_count_steps_alike():
    panel = panel_of(wave(150), wave(20))
    network = network_for(panel)
    held = explorer_windows(network, panel, np.arange(2), 3)
    document = explorer_document(held, study(network, panel, 5), "value")
    table = trace_table(held.traced, panel, network.arch, "time", None, origin="origin")
    counted = [list(rows["step"].unique()) for _, rows in table.groupby(["id", "origin"])]
    assert sorted(counted) == sorted(list(range(1, w["steps"] + 1)) for w in document["windows"])
    assert len({w["steps"] for w in document["windows"]}) > 2


@pytest.mark.parametrize(
    ("season", "low", "said"), [(12, 0, False), (4, 0, True), (1, 0, True), (4, 90, False)]
)
def test_the_head_speaks_of_logarithms_where_they_count(season, low, said):
    panel = panel_of(wave(130) - low)
    report = study(network_for(panel, season), panel, 5)
    lines = wrapped_facts(header(report))
    assert max(map(len, lines)) < 80
    assert ("logarithms" in " ".join(lines)) == said
    assert "the series upside down" in " ".join(" ".join(lines).split())


def test_a_difference_that_is_read_twice_is_one_feature():
    names = replay_at(wave(120), [120], season=12).names(())
    assert names == ("value", "season change", "step change", "observed")
    assert replay_at(wave(120), [120], season=1).names(()) == ("value", "step change", "observed")
    replay = replay_at(wave(120), [120], season=7, second=28)
    assert replay.names(()) == ("value", "season change", "2nd season change", "step change", "observed")
    one = replay_at(wave(120), [120], season=12)
    slopes = gradients(one).inputs
    product = one.input_gradient(slopes) * one.features
    assert one.attributed(slopes).shape == (1, 120, 4)
    assert one.attributed(slopes)[0, :, 1] == pytest.approx(product[0, :, 1] + product[0, :, 2])


def test_seasons_are_those_that_the_network_is_told():
    panel = panel_of(wave(150))
    report = study(network_for(panel, season=6, second=24), panel, 5)
    assert [season.observations for season in report.seasons] == [6, 24]


def test_findings_advise_no_setting_of_training():
    panel = panel_of(np.full(40, 7.0))
    found = findings(study(network_for(panel), panel, 20))
    assert "dead-units" in {finding.id for finding in found}
    assert not any("--set" in finding.action or "--cell" in finding.action for finding in found)


# The share of the forecast


def test_the_share_of_a_network_is_that_of_mix_and_blend():
    network = made_model().network
    assert network.share == 1
    half = replace(network, blend=Blend("last", 0.5))
    assert half.share == 0.5
    mix = Mix(network=0.25, ets=0.5, theta=0.25, naive=0, length=100, windows=3, widths=(1.0, 1.0, 1.0))
    assert replace(half, mix=mix).share == 0.125
    assert network_for(panel_of(wave(30))).share == 1


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1.0, "the network is the whole forecast: no other method is mixed in"),
        (0.25, "the network has 0.25 of the forecast"),
        (0.0, "the network has 0 of the forecast: its gates do not matter for it"),
    ],
)
def test_the_first_line_says_the_share(share, said):
    panel = panel_of(wave(60))
    found = inspect_member(made_model().network, panel, 5, at=(0, 50))
    told = replace(found, report=replace(found.report, share=share))
    assert share_line(told.report) == said
    assert gate_report_text(told, ASCII_SIGNS).splitlines()[0] == said


def test_windows_of_a_short_series_have_changes_to_measure_errors_by():
    """One value alone has no scale: errors relative to it would be millions."""
    values = 50_000 + 900.0 * np.arange(15) + 30 * NOISE[:15]
    panel = panel_of(values)
    _, origins = usual_origins(network_for(panel), panel, 500)
    assert origins.min() == 4
    assert study(network_for(panel), panel, 500).use.error < 10
