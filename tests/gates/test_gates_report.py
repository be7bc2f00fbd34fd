"""What inspect-gates tells: findings, conditions, text, JSON and tables."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, delay_line, made_model, network_of, network_of_two, panel_of, random_panel

from lstmcli.errors import ConditionFailed, DataError, InputMissing, LstmcliError, UsageError
from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.gates.figures import FIGURES, OLD_NAMES, figures, with_old_names
from lstmcli.gates.findings import FINDINGS, findings
from lstmcli.gates.identities import Identity
from lstmcli.gates.inspection import check_identities, inspect_member
from lstmcli.gates.moment import find_series, origin_at
from lstmcli.gates.report import study
from lstmcli.network.cells import GATES, MEMORY_GATE
from lstmcli.reports.html.gate_page import gate_page
from lstmcli.reports.text.explanation import explanation_text, strip
from lstmcli.reports.text.gates import ASCII_SIGNS, UNICODE, bar_signs, gate_report_text, sample_indices
from lstmcli.reports.text.gates_csv import tables
from lstmcli.reports.text.gates_json import SUMMARY_VERSION, read_baseline, summary_text
from lstmcli.settings.conditions import KnownNames, condition

WAVE = np.sin(np.arange(400) * np.pi / 12) + 0.1 * np.random.default_rng(0).normal(size=400)
CELLS = ["lstm", "gru", "rnn"]


def inspection_of(cell="lstm", layers=2, panel=None, **others):
    """An inspection of a network with random weights."""
    network = network_of(replace(ARCH, cell=cell, layers=layers, **others))
    return inspect_member(network, panel or panel_of(WAVE), 30)


def ids(report):
    return [finding.id for finding in findings(report)]


def weights_of(network, layer=0):
    prefix = f"members.0.layers.{layer}."
    return {n.removeprefix(prefix): w for n, w in network.weights.items() if n.startswith(prefix)}


# Identities


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_the_identities_hold(cell, layers):
    checked = inspection_of(cell, layers).report.identities
    assert [i.id for i in checked] == [
        "replay",
        *(["contributions"] if cell != "rnn" else []),
        "gradient",
    ]
    assert all(i.holds for i in checked)
    assert max(i.difference for i in checked[1:]) < 1e-7


@pytest.mark.parametrize(("factor", "told_as"), [(1.01, r"0\.009"), (np.nan, "nan")])
def test_a_wrong_gradient_is_found(monkeypatch, factor, told_as):
    from lstmcli.gates import report as module

    honest = module.gradients
    monkeypatch.setattr(
        module, "gradients", lambda replay: replace(honest(replay), inputs=factor * honest(replay).inputs)
    )
    told = inspection_of()
    with pytest.raises(LstmcliError, match=f"gradient: {told_as}.*1e-05 is allowed") as caught:
        check_identities(told.report, made_model().network)
    assert caught.value.exit_code == 1
    assert "FAILS" in gate_report_text(told, ASCII_SIGNS)


def test_slopes_that_rounding_hides_are_no_contradiction():
    """L near 20, with slopes near 1e-6: finite differences do not know their fifth digit."""
    network = network_of(ARCH)
    head = network.weights["members.0.head.weight"]
    weights = network.weights | {
        "members.0.head.weight": head * np.float32(1e-5),
        "members.0.head.bias": np.full(len(head), 3, np.float32),
    }
    told = inspect_member(replace(network, weights=weights), panel_of(WAVE), 30)
    check_identities(told.report, made_model().network)
    gradient = next(identity for identity in told.report.identities if identity.id == "gradient")
    assert (gradient.difference, gradient.shown) == (0, "below rounding")
    assert Identity("replay", "", 1.6e-7, 1e-4).shown == "1.6e-07"


def test_a_difference_that_is_no_number_does_not_hold():
    assert not Identity("replay", "", float("nan"), 1e-4).holds


# Findings


def test_dead_twin_and_stuck_units_are_found():
    network = network_of(replace(ARCH, hidden=8))
    w = weights_of(network)
    w["inputs"][3, :2] = w["recurrent"][3, :2] = 0
    w["bias"][3, :2] = -40  # the output gates of units 1 and 2 are closed
    for name in ("inputs", "recurrent", "bias"):
        w[name][:, 7] = w[name][:, 6]  # unit 8 does what unit 7 does
    w["recurrent"][:, :, 7] = w["recurrent"][:, :, 6] = 0
    report = study(network, panel_of(WAVE), 30)
    assert {"dead-units", "duplicate-units", "stuck-gates"} <= set(ids(report))
    values = figures(report)
    assert (values["dead"], values["duplicate"]) == (2 / 8, 2 / 8)
    assert report.units[0].twin[[6, 7]].tolist() == [7, 6]
    assert values["stuck"] == pytest.approx(2 / 32)
    texts = {f.id: f.text for f in findings(report)}
    assert texts["dead-units"].startswith("2 of 8 units are dead")
    assert "the output gate o of 2 of 8 units in layer 1" in texts["stuck-gates"]


@pytest.mark.parametrize(
    ("cell", "context", "action"),
    [
        ("lstm", 48, "try --set segment=24, which reads a season in one step or --set forget_bias=chrono"),
        ("lstm", 36, "try --set forget_bias=chrono"),
        ("gru", 48, "try --set segment=24"),
        ("gru", 36, "try a longer --set segment"),
        ("lstm", 12, "try a longer context: --set context=24"),
    ],
)
def test_a_season_that_no_unit_covers_is_found_with_what_to_do(cell, context, action):
    network = network_of(replace(ARCH, cell=cell, segment=1, context=context))
    w = weights_of(network)
    place = GATES[cell].index(MEMORY_GATE[cell])
    w["inputs"][place] = w["recurrent"][place] = 0
    w["bias"][place] = np.log(1 / 3)  # a quarter is left after a step
    (finding,) = [f for f in findings(study(network, panel_of(WAVE), 30)) if f.id == "season-forgotten"]
    assert "the longest half-life is 30 minutes" in finding.text
    assert "daily season of 1 day" in finding.text
    assert finding.action.startswith(action)


def test_a_season_within_one_step_need_not_be_remembered():
    network = network_of(replace(ARCH, cell="gru", segment=24, context=96))
    w = weights_of(network)
    w["inputs"][1] = w["recurrent"][1] = 0
    w["bias"][1] = np.log(1 / 3)
    assert "season-forgotten" not in ids(study(network, panel_of(WAVE), 30))


def test_a_network_that_looks_at_the_last_value_alone_is_told_so():
    report = study(delay_line(0, context=48), panel_of(WAVE), 30)
    (finding,) = [f for f in findings(report) if f.id == "use-short"]
    assert finding.text.startswith("with the last 1 hour alone the error is within 1 %")
    assert "use-short" not in ids(study(delay_line(30, context=48), panel_of(np.resize(WAVE[:31], 400)), 30))


def test_a_network_that_needs_its_oldest_step_is_told_so():
    panel = panel_of(np.resize(np.random.default_rng(1).normal(size=20), 300))
    (finding,) = [f for f in findings(study(delay_line(19, context=20), panel, 30)) if f.id == "use-all"]
    assert finding.action == "try a longer context: --set context=40"


def test_a_vanishing_and_a_growing_gradient_are_found():
    arch = replace(ARCH, cell="rnn", segment=1, context=40, horizon=1)
    for factor, expected in ((0.3, "gradient-vanishes"), (1.2, "gradient-grows")):
        network = network_of(arch)
        for name in ("weight", "bias", "levels"):
            network.weights[f"members.0.embed.{name}"][:] *= 1e-9
        w = weights_of(network)
        w["bias"][:] = 0
        w["recurrent"][0] = factor * np.eye(6)
        found = findings(study(network, random_panel(300), 20))
        (finding,) = [f for f in found if f.id.startswith("gradient")]
        assert finding.id == expected
        assert ("after 6 of 40 steps" if factor == 0.3 else "grows by 20%") in finding.text


def test_a_forget_gate_that_does_not_move_is_idle():
    network = network_of(ARCH)
    w = weights_of(network)
    w["inputs"][0] = w["recurrent"][0] = 0
    assert "forget-idle" in ids(study(network, panel_of(WAVE), 30))


def test_a_window_of_one_step_is_told():
    report = study(network_of(replace(ARCH, segment=12)), panel_of(WAVE), 30)
    (finding,) = [f for f in findings(report) if f.id == "one-step"]
    assert finding.text == "a window is a single step of 12 hours: there is no earlier state to remember"
    assert "forget-idle" not in ids(report)


def test_too_short_a_series_is_told():
    assert "no-known-values" in ids(study(network_of(ARCH), panel_of(WAVE[:10]), 30))


def test_a_finding_has_one_of_the_known_identifiers():
    for cell in CELLS:
        assert set(ids(inspection_of(cell).report)) <= set(FINDINGS)


# Figures


@pytest.mark.parametrize("cell", CELLS)
def test_there_are_all_the_figures_and_no_other(cell):
    values = inspection_of(cell).figures
    means = {"lstm": {"forget"}, "gru": {"update"}, "rnn": set()}[cell]
    assert list(FIGURES) == sorted(FIGURES)
    assert list(values) == [name for name in FIGURES if name in means or name not in ("forget", "update")]
    without = {name for name, value in values.items() if value is None}
    memory = {"closed", "covering", "half_life", "longest", "open", "seasonal"}
    assert without == (memory if cell == "rnn" else set())


def test_figures_are_in_observations():
    report = study(delay_line(10, context=40), panel_of(np.resize(WAVE[:11], 300)), 20)
    assert figures(report)["use"] == 11
    report = inspection_of(layers=1).report
    assert figures(report)["longest"] == pytest.approx(report.memory[0].half_lives.max() * 4)
    assert figures(report)["reach"] == 12


# Text


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("signs", [UNICODE, ASCII_SIGNS], ids=["unicode", "ascii"])
def test_the_report_fits_80_columns(cell, signs):
    told = inspection_of(cell, layers=2, segment=1, context=48)
    told = replace(told, drifts=inspected_again(told))
    text = gate_report_text(told, signs)
    assert max(map(len, text.splitlines())) <= 79
    assert "\x1b" not in text
    assert text.isascii() == (signs is ASCII_SIGNS)
    for section in ("equations", "by lag", "use", "checked", "findings", "since the baseline"):
        assert section in text


def inspected_again(told):
    from lstmcli.gates.figures import figure_changes

    return figure_changes(told.figures, told.figures)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("context", [12, 240])
def test_an_explanation_fits_80_columns_and_names_its_time(cell, context):
    network = network_of(replace(ARCH, cell=cell, layers=2, segment=4, context=context))
    told = inspect_member(network, panel_of(1e4 * WAVE), 10, at=(0, 300))
    text = explanation_text(told, told.window, UNICODE)
    assert max(map(len, text.splitlines())) <= 79
    assert "forecast of a with values up to 2024-01-13 11:00:00" in text
    assert ("still holds" in text) == (cell != "rnn")


def test_one_forecast_is_told_beside_that_of_predict_and_what_came():
    network, panel = network_of_two(), panel_of(WAVE)
    told = inspect_member(network, panel, 10, at=(0, 100))
    seen, whole = told.window, forecast_at_origins(network, panel, np.array([0]), np.array([100]))
    assert seen.whole.tolist() == whole[0, :, network.arch.quantiles.index(0.5)].tolist()
    assert seen.whole != pytest.approx(seen.forecast)
    assert seen.observed.tolist() == WAVE[100 : 100 + network.arch.horizon].tolist()
    rows = [line.split()[0] for line in explanation_text(told, seen, UNICODE).splitlines()[3:7]]
    assert rows == ["ahead", "network", "forecast", "observed"]
    last = inspect_member(network, panel, 10, at=(0, len(WAVE) - 1))
    text = explanation_text(last, last.window, UNICODE)
    (line,) = [line for line in text.splitlines() if line.startswith("observed")]
    assert line.split()[2:] == ["-"] * (len(line.split()) - 2)
    page = gate_page(last, {}, "data")
    assert "<th>this network</th>" in page.replace(' scope="col"', "")
    end = inspect_member(network, panel, 10, at=(0, len(WAVE)))
    assert "observed" not in explanation_text(end, end.window, UNICODE)


@pytest.mark.parametrize(("known", "said"), [(5, "the first 2 of 4 steps read padding"), (13, "")])
def test_an_explanation_says_which_steps_read_padding(known, said):
    network = network_of(replace(ARCH, segment=4, context=16))
    told = inspect_member(network, panel_of(WAVE), 10, at=(0, known))
    text = explanation_text(told, told.window, UNICODE)
    assert ("padding" in text) == bool(said)
    assert f"the series begins at 2024-01-01: {said}" in text or not said


def test_signs_are_those_the_stream_can_show():
    assert bar_signs("utf-8") is UNICODE
    assert [bar_signs(name) for name in ("latin-1", "ascii", None, "no-such")] == [ASCII_SIGNS] * 4


def test_a_strip_shades_values_from_0_to_1():
    values = np.array([[0.0, 0.99], [0.5, 1.0], [0.25, 0.3]])
    assert strip(values, " .-+#") == [" " * 20 + "-" * 20 + "." * 20, "#" * 40 + "." * 20]
    assert {len(row) for row in strip(np.zeros((336, 2)), " .-+#")} == {60}


def test_what_is_shown_gets_sparser():
    assert sample_indices(8) == list(range(8))
    assert sample_indices(168) == [0, 1, 2, 6, 13, 30, 71, 167]


# One forecast


def test_an_explanation_is_that_of_its_window():
    network = network_of(replace(ARCH, layers=2))
    told = inspect_member(network, panel_of(WAVE), 10, at=(0, 100))
    seen = told.window
    assert seen.shown(seen.ahead[0]) == "2024-01-05 04:00:00"
    abroad = inspect_member(network, replace(panel_of(WAVE), zone="Asia/Tokyo"), 10, at=(0, 100))
    assert abroad.window.shown(seen.ahead[0]) == "2024-01-05 13:00:00+09:00"
    assert all(stamp[:25].endswith("+09:00") or len(stamp) == 10 for stamp in abroad.stamps)
    assert seen.values.tolist() == WAVE[88:100].tolist()
    assert seen.times[-1] == np.datetime64("2024-01-05T03:00")
    assert seen.ahead[0] == np.datetime64("2024-01-05T04:00")
    for layer, parts in zip(seen.layers, seen.contributions, strict=True):
        assert parts.sum(axis=0) == pytest.approx(layer.c[-1])
    assert seen.attribution.shape == (12, 2)
    assert [len(order) for order in seen.orders] == [6, 6]


def test_a_time_names_its_window():
    panel = panel_of(WAVE[:50], WAVE[:30])
    assert find_series(panel, "b") == 1
    assert origin_at(panel, 1, "2024-01-02 05:00", None) == 30
    assert origin_at(panel, 1, "02.01.2024 05h", "%d.%m.%Y %Hh") == 30
    near = r"'2024-01-01 09:30:00\+09:00': No data at that time; nearest: 2024-01-01 09:00:00\+09:00 and"
    with pytest.raises(UsageError, match=near):
        origin_at(replace(panel, zone="Asia/Tokyo"), 0, "2024-01-01 00:30", None)
    plain = replace(panel, starts=np.array([7, 7]), step=replace(panel.step, kind="plain", count=2))
    assert origin_at(plain, 0, "11", None) == 3


@pytest.mark.parametrize(
    ("name", "time", "complaint"),
    [
        ("c", "2024-01-01", r"--series 'c': there is no such series"),
        (None, "2024-01-01", r"--at needs --series: there are 2, the first is 'a'"),
        ("a", "2024-01-01 00:30", "No data at that time; nearest: 2024-01-01 and 2024-01-01 01:00:00"),
        ("b", "2024-03-01", "nearest: 2024-01-02 05:00:00"),
        ("a", "yesterday", "is not a time such as"),
    ],
)
def test_times_and_series_that_are_not_there_are_refused(name, time, complaint):
    panel = panel_of(WAVE[:50], WAVE[:30])
    with pytest.raises(UsageError, match=complaint):
        origin_at(panel, find_series(panel, name), time, None)


# JSON and tables


@pytest.mark.parametrize("cell", CELLS)
def test_the_summary_is_json_with_all_sections(cell):
    network = network_of(replace(ARCH, cell=cell))
    document = json.loads(summary_text(inspect_member(network, panel_of(WAVE), 10, at=(0, 50))))
    assert document["version"] == SUMMARY_VERSION == 3
    sections = ("figures", "findings", "identities", "gates", "memory", "units", "gradient", "use")
    assert all(document[name] for name in sections if name != "findings")
    assert document["window"]["series"] == "a"
    assert len(document["gradient"][0]["h"]) == 3


def test_figures_of_a_summary_are_read_back(tmp_path):
    told = inspection_of()
    path = tmp_path / "summary.json"
    path.write_text(summary_text(told))
    read = read_baseline(path)
    assert read.figures == told.figures
    assert read.notes == ()
    again = inspect_member(network_of(ARCH), panel_of(WAVE), 30, then=read.figures)
    change = {d.name: d.change for d in again.drifts}
    assert change["forget"] == pytest.approx(again.figures["forget"] - told.figures["forget"])


@pytest.mark.parametrize(("cell", "gate"), [("lstm", "forget"), ("gru", "update"), ("rnn", None)])
def test_a_summary_of_the_version_before_is_read_with_a_note(tmp_path, cell, gate):
    path = tmp_path / "summary.json"
    path.write_text(f'{{"version": 2, "cell": "{cell}", "figures": {{"dead": 0.1, "keep": 0.4}}}}')
    read = read_baseline(path)
    assert read.figures == {"dead": 0.1, **({gate: 0.4} if gate else {})}
    assert read.notes == (f"{path} is of version 2: the figure 'keep' is now called '{gate or 'forget'}'",)


def test_an_old_name_is_read_in_a_condition_but_not_offered():
    values, known = (
        with_old_names(inspection_of("gru").figures, "gru"),
        KnownNames(tuple(FIGURES), old=OLD_NAMES),
    )
    with pytest.raises(ConditionFailed, match=rf"keep = {values['update']:.4g}$"):
        condition("keep >= 0", known).check(values)
    with pytest.raises(UsageError, match="no 'keep' for this model"):
        condition("keep < 1", known).check(with_old_names(inspection_of("rnn").figures, "rnn"))
    with pytest.raises(UsageError, match=r"Known: closed, .*, update, use;") as caught:
        condition("kepe < 1", known)
    assert "keep" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not a summary"),
        ("[]", "not a summary"),
        ('{"version": 1, "figures": {}}', "version 1; 2 and 3 are read"),
        ('{"version": 2, "figures": {"keep": 0.5}}', "not a summary"),
        ('{"version": 3, "figures": {"forget": NaN}}', "not a summary"),
        ('{"version": 3, "figures": {"forget": 1e999}}', "not a summary"),
        ('{"version": 3, "figures": {"forget": "0.5"}}', "not a summary"),
        ('{"version": 3, "figures": {"forget": 0.5, "forget": 0.6}}', "not a summary"),
        ("[" * 100_000, "not a summary"),
    ],
)
def test_another_file_is_no_baseline(tmp_path, text, complaint):
    (tmp_path / "old.json").write_text(text)
    with pytest.raises(DataError, match=complaint):
        read_baseline(tmp_path / "old.json")
    with pytest.raises(InputMissing, match="lstmcli inspect-gates --out DIR"):
        read_baseline(tmp_path / "none.json")


@pytest.mark.parametrize("cell", CELLS)
def test_tables_have_columns_of_one_length(cell):
    report = inspection_of(cell).report
    made = tables(report)
    assert sorted(made) == ["ablation.csv", "contributions.csv", "gradient_by_lag.csv", "units.csv"]
    rows = {name: {len(column) for column in columns.values()} for name, columns in made.items()}
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[cell]
    assert rows == {
        "units.csv": {2 * 6},
        "gradient_by_lag.csv": {2 * 3},
        "contributions.csv": {0 if cell == "rnn" else 2 * 3},
        "ablation.csv": {3 + 2 * gates},
    }
    assert np.isnan(made["gradient_by_lag.csv"]["tanh_factor"]).sum() == (2 if cell == "rnn" else 6)
