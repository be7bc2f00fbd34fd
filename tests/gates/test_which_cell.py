"""Cells compared: the same parameters, an honest test part, verdicts that follow from the numbers."""

import html
import json
from dataclasses import replace

import numpy as np
import pytest
from builders import panel_of

from lstmcli.errors import DataError
from lstmcli.evaluation.scores import PointErrors
from lstmcli.evaluation.validation import ValidationReport
from lstmcli.forecasting.plan import learning_options
from lstmcli.gates.cell_study.design import design_study, match_parameters, without_end
from lstmcli.gates.cell_study.lesson import comes_back, lesson_sentences, own_starts
from lstmcli.gates.cell_study.recall_results import RecallResult, RecallRun, recall_reach
from lstmcli.gates.cell_study.recall_task import CopyTask, copy_task_arch, copy_task_score
from lstmcli.gates.cell_study.results import CellResult, NetworkRun, Study
from lstmcli.gates.cell_study.verdict import study_verdict
from lstmcli.gates.cell_study.wording import percent
from lstmcli.gates.gradients import GradientReach
from lstmcli.jobs.cell_study import (
    _fitted,
    _on_data,
    count_trainings,
    first_networks,
    recall_networks,
    run_study,
    test_windows,
)
from lstmcli.learning.loop import fit
from lstmcli.learning.model import export_weights
from lstmcli.network.architecture import Architecture, parameters
from lstmcli.reports.html.cell_page import cell_page
from lstmcli.reports.text.cell_study import cell_study_text, heights
from lstmcli.reports.text.cell_study_json import gradient_table, recall_table, study_json
from lstmcli.reports.text.gates import ASCII_SIGNS, UNICODE
from lstmcli.series.category import Category
from lstmcli.settings.model import Settings
from lstmcli.windows.cut import cut_windows, window_rows

test_windows.__test__ = False  # not a test, whatever its name begins with
ARCH = Architecture("lstm", 1, 32, 1, 100, 24, (0.5,), 3, 2, 1)
QUICK = Settings(horizon=4, context=12, season=6, hidden=6, steps=3, batch=8, validation=2, processes=1)


def waves(*lengths):
    random = np.random.default_rng(0)
    return panel_of(*[5 + np.sin(np.arange(n) * np.pi / 3) + 0.1 * random.normal(size=n) for n in lengths])


@pytest.fixture(scope="module")
def study():
    return run_study(design_study(waves(120, 90), QUICK, 2, (3,)), lambda progress: None)


# The same for all


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("hidden", [24, 32, 128])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_given_width_is_matched_as_well_as_whole_units_can(cell, hidden, layers):
    lstm = replace(ARCH, hidden=hidden, layers=layers)
    best = match_parameters(lstm, cell).hidden

    def off(width):
        return abs(parameters(replace(lstm, cell=cell, hidden=width)) - parameters(lstm))

    assert best == min(range(best - 3, best + 4), key=off)


@pytest.mark.parametrize("horizon", [1, 6, 12, 24, 48])
@pytest.mark.parametrize("layers", [1, 2])
def test_an_open_width_brings_all_cells_within_2_percent(horizon, layers):
    settings = Settings(season=6, horizon=horizon, layers=layers)
    archs = design_study(waves(400), settings, 1).archs
    sizes = [parameters(arch) for arch in archs.values()]
    assert sizes == pytest.approx([parameters(archs["lstm"])] * 3, rel=0.02)
    assert 16 <= archs["lstm"].hidden < 32


def test_parameters_are_those_that_torch_counts():
    from lstmcli.learning.model import MemberModule

    for cell, biases in (("lstm", 8), ("gru", 6), ("rnn", 2)):
        arch = replace(ARCH, cell=cell)
        torch_count = sum(weight.numel() for weight in MemberModule(arch).parameters())
        # PyTorch has two biases per gate where one counts; the GRU's candidate needs both.
        ours = biases // 2 + (cell == "gru")
        assert parameters(arch) == torch_count - 32 * (biases - ours)


def test_open_settings_let_the_cell_remember_by_itself():
    design = design_study(waves(600), Settings(season=6, horizon=6), 3)
    assert (design.plan.arch.segment, design.plan.shape.baselines) == (1, ("none",))
    assert design.plan.arch.steps == 102  # a hundred, in whole seasons
    assert design.seeds == (0, 1, 2)
    assert (len(design.rates), design.starts, design.recall.start) == (3, (1.0, "chrono"), "chrono")
    assert design.notes == ()


def test_given_settings_win_and_those_without_use_are_named():
    settings = Settings(
        season=6, horizon=6, context=24, segment=6, baseline="seasonal,none", cell="gru", seed=5, members=2
    )
    design = design_study(waves(300), settings, 2)
    assert (design.plan.arch.steps, design.plan.shape.baselines) == (4, ("seasonal",))
    assert [note.partition(":")[0] for note in design.notes] == ["cell", "members", "baseline"]
    assert design.seeds == (5, 6)


# The test part


def test_the_test_part_is_not_in_what_training_sees():
    panel = waves(120, 90, 8)
    design = design_study(panel, QUICK, 1)
    assert design.test.tolist() == [20, 12, 0]  # whole horizons of 4, at most a sixth
    assert design.training.lengths.tolist() == [100, 78, 8]
    for series in range(3):
        known = design.training.lengths[series]
        assert np.array_equal(design.training.history(series), panel.history(series)[:known])
    series, origins = test_windows(design)
    assert set(series.tolist()) == {0, 1}
    assert (origins >= design.training.lengths[series]).all()
    assert (origins <= panel.lengths[series] - 4).all()


def test_training_sees_the_categories_that_stand_beside_its_values():
    panel = waves(120, 90)
    text = np.repeat([0, 1], [120, 90]).astype(np.int32)  # one text per series
    every_third = (np.arange(210) % 3 == 0).astype(np.int32)
    panel = replace(
        panel,
        categories=(
            Category("shop", "static", ("n", "s"), np.array([0, 1], np.int32)),
            Category("sky", "past", ("fog", "sun"), text),
            Category("promo", "future", ("none", "sale"), every_third),
        ),
    )
    design = design_study(panel, QUICK, 1)
    source, _ = _on_data(design)
    series, origins = np.array([0, 0, 1, 1]), np.array([40, 95, 30, 74])
    seen = cut_windows(source.rows, series, origins, design.plan.shape, design.plan.scaling)
    whole = window_rows(panel, design.plan.scaling, design.plan.shape)
    there = cut_windows(whole, series, origins, design.plan.shape, design.plan.scaling)
    assert seen.codes.tolist() == there.codes.tolist()
    assert seen.codes_ahead.tolist() == there.codes_ahead.tolist()
    assert set(seen.codes[:2, :, 0].ravel()) == {1}
    assert set(seen.codes[2:, :, 0].ravel()) == {2}


def test_values_of_the_test_part_change_no_weight():
    panel = waves(120)
    other = replace(panel, values=np.append(panel.values[:-20], np.full(20, 9.0)))
    designs = [design_study(p, QUICK, 1, ()) for p in (panel, other)]
    fits = [_fitted(d, first_networks(d)[0], *_on_data(d), lambda progress: None) for d in designs]
    for name, weight in fits[0].weights.items():
        assert np.array_equal(weight, fits[1].weights[name])
    errors = [run_study(d, lambda progress: None).cells[0].errors("mae")[0] for d in designs]
    assert errors[0] != errors[1]


def test_what_is_left_ends_with_an_observed_value():
    panel = panel_of([1.0, 2.0, np.nan, 4.0, 5.0])
    assert without_end(panel, np.array([2])).values.tolist() == [1.0, 2.0]


def test_too_little_data_for_a_test_part_is_refused():
    with pytest.raises(DataError, match="no series has 30 values, three times the horizon"):
        design_study(waves(25), QUICK.model_copy(update={"horizon": 10}), 1)


# What is measured


def test_all_is_trained_and_measured(study):
    assert [c.cell for c in study.cells] == ["rnn", "gru", "lstm"]
    # The first seed at three rates and, where there are gates, from two starts; then the other seed.
    assert len(first_networks(study.design)) == 3 * (1 + 2 + 2)
    assert len(recall_networks(study.design)) == 3 * 3 * 2
    assert count_trainings(study.design) == 15 + 18 + 3
    for cell in study.cells:
        assert (len(cell.trained), len(cell.untrained)) == (2, 2)
        assert cell.gradient("dL_dh").median.shape == (12,)
        assert cell.gradient("dL_dh").median[0] == 1
        assert (cell.gradient("dL_dc") is not None) == (cell.cell == "lstm")
        assert (cell.gradient("tanh") is not None) == (cell.cell == "rnn")
    assert [(r.cell, r.delay) for r in study.recalled] == [("rnn", 3), ("gru", 3), ("lstm", 3)]
    sizes = [r.parameters for r in study.recalled]
    assert sizes == pytest.approx([sizes[2]] * 3, rel=0.04)


def test_a_twin_starts_as_its_trained_network_did(study):
    # One step at a rate of nearly nothing leaves the weights where they were.
    settings = QUICK.model_copy(update={"steps": 1, "learning_rate": 1e-12})
    made = run_study(design_study(waves(120, 90), settings, 2, ()), lambda progress: None)
    for cell, other in zip(made.cells, study.cells, strict=True):
        for trained, untrained, twin in zip(cell.trained, cell.untrained, other.untrained, strict=True):
            assert trained.reach.h == pytest.approx(untrained.reach.h, rel=1e-5)
            if trained.start == twin.start:
                assert untrained.reach.h == pytest.approx(twin.reach.h)


def test_the_same_run_gives_the_same_bytes(study):
    again = run_study(design_study(waves(120, 90), QUICK, 2, (3,)), lambda progress: None)
    assert study_json(again) == study_json(study)
    assert cell_study_text(again, UNICODE) == cell_study_text(study, UNICODE)


def test_the_report_fits_80_columns(study):
    for signs in (UNICODE, ASCII_SIGNS):
        assert max(map(len, cell_study_text(study, signs).splitlines())) < 80


def test_the_table_holds_every_curve(study):
    table = gradient_table(study)
    curves, factors = 3 + 1 + 2, 2  # dL/dh, dL/dc, products of gates; tanh' and W lead from lag to lag
    rows = 2 * (curves * 12 + factors * 11) + 2 * (curves * 4 + factors * 3)
    assert {len(column) for column in table.values()} == {rows}
    row = np.flatnonzero(
        (table["task"] == "data")
        & (table["cell"] == "gru")
        & (table["quantity"] == "dL_dh")
        & (table["trained"] == "no")
        & (table["lag_steps"] == 5)
    )
    assert table["median"][row].tolist() == [study.cell("gru").gradient("dL_dh", False).median[5]]


def test_the_table_of_the_recall_task_holds_every_run(study):
    table = recall_table(study)
    assert len(table["score"]) == 18
    assert set(zip(table["cell"], table["learning_rate"], table["seed"], strict=True)) == {
        (cell, rate, seed)
        for cell in ("rnn", "gru", "lstm")
        for rate in study.design.recall.rates
        for seed in (0, 1)
    }


# The recall task


def test_a_sequence_marks_the_value_to_repeat():
    made = CopyTask(4).draw(3, np.random.default_rng(0))
    assert made.context.shape == (3, 5)
    assert made.covariates[:, :, 0].tolist() == [[1, 0, 0, 0, 0]] * 3
    assert np.array_equal(made.target[:, 0], made.context[:, 0])


def test_a_short_delay_is_learned_and_a_network_that_knows_nothing_scores_nothing():
    arch = copy_task_arch(replace(ARCH, hidden=16), 5)
    settings = Settings(batch=64, patience=100)
    fresh = CopyTask(5).draw(256, np.random.default_rng(9))
    made = fit(arch, CopyTask(5), fresh, learning_options(settings), 250, 0, lambda progress: None)
    assert copy_task_score(made.weights, arch, fresh) > 0.95
    nothing = {name: np.zeros_like(weight) for name, weight in made.weights.items()}
    assert copy_task_score(nothing, arch, fresh) == pytest.approx(0, abs=0.02)


# The verdict


def study_of(kept, errors, study, windows=5):
    """A study whose cells keep a share of the gradient at every lag and have errors, by cell and seed."""

    def run(share, error):
        by_name = {"model": error, "seasonal naive": 0.8, "last value": 2.0}
        scores = ValidationReport(
            windows, 12, {name: PointErrors(e, e, e) for name, e in by_name.items()}, None
        )
        return NetworkRun(0, True, 0.01, 1.0, 1, 1, scores, reach_of(np.append(1.0, np.full(11, share))))

    cells = []
    for cell in ("rnn", "gru", "lstm"):
        runs = tuple(run(k, e) for k, e in zip(kept[cell], errors[cell], strict=True))
        cells.append(CellResult(cell, 8, 100, runs, runs))
    return Study(study.design, tuple(cells), ())


def reach_of(h, c=None, path=None, tanh=None, matrix=None):
    return GradientReach(0, h, c, h, h, path, tanh, matrix, None, None, None)


@pytest.mark.parametrize(
    ("lstm_keeps", "lstm_errors", "expected", "says"),
    [
        ((0.2, 0.3), (0.5, 0.6), ("more", "less"), "not contradicted on this data"),
        ((0.2, 0.3), (1.5, 1.6), ("more", "more"), "it keeps more of the gradient, but its error is higher"),
        ((0.2, 0.3), (0.5, 1.5), ("more", "unclear"), "but its error is not clearly lower"),
        ((0.001, 0.002), (0.5, 0.6), ("less", "less"), "keeps less of the gradient, yet its error is lower"),
        (
            (0.001, 0.3),
            (0.9, 1.6),
            ("unclear", "unclear"),
            "does not clearly keep more of the gradient (from start to start the LSTM 0.10 % to 30 % and the "
            "RNN 1.0 % to 2.0 %, which overlap), and",
        ),
    ],
)
def test_the_claim_is_judged_by_the_seeds(study, lstm_keeps, lstm_errors, expected, says):
    kept = {"rnn": (0.01, 0.02), "gru": (0.05, 0.05), "lstm": lstm_keeps}
    errors = {"rnn": (1.0, 1.1), "gru": (1.2, 1.3), "lstm": lstm_errors}
    found = study_verdict(study_of(kept, errors, study))
    assert (found.gradient, found.error) == expected
    assert found.holds == (expected == ("more", "less"))
    (claim,) = [s for s in found.sentences if s.startswith('"')]
    assert says in claim
    assert ("does not hold" in claim) != found.holds


def test_sentences_name_numbers_and_the_best(study):
    kept = {"rnn": (0.00001, 0.00001), "gru": (0.03, 0.03), "lstm": (0.12, 0.12)}
    errors = {"rnn": (1.0, 1.1), "gru": (0.95, 1.05), "lstm": (1.5, 1.6)}
    sentences = study_verdict(study_of(kept, errors, study)).sentences
    assert sentences[0] == (
        "On your data, trained: after 11 steps (11 hours) the LSTM keeps 12 % of the gradient, the GRU 3.0 % "
        "and the RNN 0.0010 %."
    )
    assert "Mean MASE on values not seen in training: GRU 1, RNN 1.05, LSTM 1.55." in sentences
    assert "The GRU is better than the LSTM with every seed." in sentences
    assert "No clear difference between the GRU and the RNN: their seeds overlap." in sentences
    assert "No cell beats seasonal naive (0.8) here." in sentences
    assert sentences[-1].startswith("On your data the RNN forecasts better: what helps lies within its reach")


@pytest.mark.parametrize(
    ("keeps", "gru", "says"),
    [
        (0.2, 1.2, "and keeps more of the gradient: what lies further back may be why."),
        (0.2, 0.3, "what lies further back may be why. The GRU is better still."),
        (0.001, 1.2, "and keeps less of the gradient: a longer memory is not why."),
        (0.015, 1.2, "and does not clearly keep more of the gradient: a longer memory is hardly why."),
    ],
)
def test_a_longer_memory_is_given_as_the_reason_only_where_there_is_one(study, keeps, gru, says):
    kept = {"rnn": (0.01, 0.02), "gru": (0.05, 0.05), "lstm": (keeps, keeps)}
    errors = {"rnn": (1.0, 1.1), "gru": (gru, gru), "lstm": (0.5, 0.6)}
    last = study_verdict(study_of(kept, errors, study)).sentences[-1]
    assert last.startswith("On your data the LSTM forecasts better than the RNN, ")
    assert last.endswith(says)


def test_a_single_window_decides_nothing(study):
    kept = {"rnn": (0.01, 0.02), "gru": (0.05, 0.05), "lstm": (0.2, 0.3)}
    errors = {"rnn": (1.0, 1.1), "gru": (1.2, 1.3), "lstm": (0.5, 0.6)}
    found = study_verdict(study_of(kept, errors, study, windows=1))
    assert (found.gradient, found.error, found.holds) == ("more", "unclear", False)
    better = "The LSTM is better than the RNN and GRU with every seed"
    assert f"{better}, on a single window: it may be chance." in found.sentences
    assert f"{better}." in study_verdict(study_of(kept, errors, study)).sentences
    assert found.sentences[-2].endswith(
        "a single window cannot tell; here it keeps more and its error is lower."
    )
    assert found.sentences[-1].startswith("Which cell suits your data, a single window cannot tell")


def test_one_start_of_each_cell_decides_nothing(study):
    kept = {"rnn": (0.01,), "gru": (0.05,), "lstm": (0.2,)}
    errors = {"rnn": (1.02,), "gru": (0.9,), "lstm": (1.01,)}
    one = study_of(kept, errors, replace(study, design=replace(study.design, seeds=(0,))))
    found = study_verdict(one)
    assert (found.gradient, found.error, found.holds) == ("more", "unclear", False)
    assert found.sentences[-2].endswith(
        "one start of each cannot tell; here it keeps more and its error is lower."
    )
    assert found.sentences[-1].startswith("Which cell suits your data, one start of each cannot tell")
    assert "1.02 to 1.02" not in cell_study_text(one, UNICODE) + cell_page(one)


def test_errors_in_large_units_are_told_without_exponents_everywhere(study):
    kept = dict.fromkeys(("rnn", "gru", "lstm"), (0.1, 0.1))
    large = study_of(kept, dict.fromkeys(kept, (51234.4, 51234.4)), study)
    for told in (cell_study_text(large, UNICODE), cell_page(large), "".join(study_verdict(large).sentences)):
        assert "51,234" in told
        assert "e+04" not in told.partition('id="summary"')[0]


def recalled(cell, delay, scores, steps, rate=0.01):
    """What a cell with made-up gradients of 0.5 per step back recalls, one score per start."""
    lags = np.arange(delay + 1.0)
    c = 0.9**lags if cell == "lstm" else None
    factors = np.full((2, delay), [[0.5], [1.0]]) if cell == "rnn" else (None, None)
    reach = reach_of(0.5**lags, c, None if cell == "rnn" else 0.8**lags, *factors)
    runs = [
        RecallRun(seed, rate, taken, score, score, reach, reach)
        for seed, (score, taken) in enumerate(zip(scores, steps, strict=True))
    ]
    return RecallResult(cell, delay, 8, 100, tuple(runs))


@pytest.fixture
def lesson(study):
    """Two starts each: the RNN recalls 4 steps back, and 10 from one start; the GRU nothing at 10."""
    results = (
        recalled("rnn", 4, (0.95, 0.99), (100, 200)),
        recalled("rnn", 10, (0.95, 0.1), (300, 500)),
        recalled("gru", 4, (0.95, 0.99), (50, 50)),
        recalled("gru", 10, (0.2, 0.1), (500, 500)),
        recalled("lstm", 4, (0.95, 0.99), (50, 70)),
        recalled("lstm", 10, (0.95, 0.99), (80, 100)),
    )
    recall = replace(study.design.recall, steps=500)
    return replace(study, design=replace(study.design, delays=(4, 10), recall=recall), recalled=results)


def test_the_lesson_is_told_with_the_numbers_of_the_run(lesson):
    assert list(lesson_sentences(lesson)) == [
        "The RNN recalls a value 4 steps back, after 150 steps of training; one 10 back only from 1 of 2 "
        "starts.",
        "The GRU recalls a value 4 steps back, after 50 steps of training; none 10 steps back within 500 "
        "steps of training.",
        "The LSTM recalls a value 4 and 10 steps back, after 60 and 90 steps of training.",
        "What an RNN keeps: before training, every step back multiplies its gradient by tanh' (0.50) and "
        "by W (1.00), together 0.50. Over 10 steps 0.098 % is left: the error at the end hardly depends on "
        "the value to recall, and training seldom finds it.",
        "What an LSTM keeps: its cell state c is multiplied by the forget gate f alone, which starts near "
        "1. The product of f keeps 11 % over 10 steps, and 35 % of dL/dc comes back. The first is the mean "
        "of the units; the second is the length of the gradient, in which units that keep more weigh more, "
        "and to which the ways through h and the gates add.",
    ]


def test_text_and_document_and_page_hold_the_same_figures(lesson):
    text, page = cell_study_text(lesson, UNICODE), cell_page(lesson)
    assert "\nsteps of training until it was learned, median of 2 starts, 500 at most\n" in text
    assert "Steps until it was learned, median of 2 starts; where not all learned it, how many did." in page
    document = json.loads(study_json(lesson))
    assert max(map(len, text.splitlines())) < 80
    by_key = {(r["cell"], r["delay"]): r for r in document["recall"]["results"]}
    assert by_key["rnn", 10]["gradient_that_comes_back"] == 0.5**10
    assert by_key["lstm", 10]["steps_until_learned"] == 90
    assert by_key["gru", 10]["steps_until_learned"] is None
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in ("RNN, dL/dh 6.2 % 0.098 %", "LSTM, dL/dc 66 % 35 %", "RNN 150 1 of 2", "GRU 50 0 of 2"):
        assert line in lines
    for sentence in document["verdict"]["sentences"]:
        assert " ".join(sentence.split()) in " ".join(text.replace("\n  ", " ").split())
    assert "0.098 %" in page
    assert "<script" in page
    assert "http" not in page.replace("http-equiv", "")


def test_figures_that_seem_to_contradict_are_explained_where_they_stand(lesson):
    text = " ".join(cell_study_text(lesson, UNICODE).split())
    page = cell_page(lesson)
    (own,) = own_starts(lesson)
    assert "networks and sequences of its own" in own and "memories of up to D steps" in own
    assert own in text and own in html.unescape(page)
    assert "left after training, median of 2 starts" in text
    assert "It is the median of 2 starts, so one that learned it may not show." in page
    one = replace(lesson, design=replace(lesson.design, delays=(10,)), recalled=lesson.recalled[1::2])
    assert list(own_starts(one)) == []
    recall = replace(lesson.design.recall, start=1.0)
    (other,) = own_starts(replace(lesson, design=replace(lesson.design, recall=recall)))
    assert "memories" not in other


@pytest.mark.parametrize(
    ("delay", "says"),
    [
        (10, "here, over so few steps; --delays 50,100 shows the difference. Its cell state c"),
        (60, "here, for f starts too low; --set forget_bias=chrono lets it start nearer 1. Its cell state c"),
    ],
)
def test_an_lstm_that_keeps_no_more_is_not_said_to_be_without_loss(lesson, delay, says):
    results = [recalled(cell, delay, (0.95, 0.99), (50, 50)) for cell in ("rnn", "gru", "lstm")]
    runs = []
    for run in results[0].runs:
        flat = replace(run.before, h=np.full(delay + 1, 1.0))
        runs.append(replace(run, before=flat))
    results[0] = replace(results[0], runs=tuple(runs))
    shown = replace(lesson, design=replace(lesson.design, delays=(delay,)), recalled=tuple(results))
    why = list(lesson_sentences(shown))[-1]
    assert why.startswith(f"The LSTM keeps no more than the RNN {says}")
    assert "which starts at 0.80." in why


def test_what_was_trained_too_shortly_does_not_lack_gradient(lesson):
    runs = [replace(recalled("rnn", 4, (0.1, 0.2), (5, 5)), delay=1)]
    short = replace(lesson, design=replace(lesson.design, delays=(1,)))
    others = [recalled(cell, 1, (0.1, 0.2), (5, 5)) for cell in ("gru", "lstm")]
    why = list(lesson_sentences(replace(short, recalled=(*runs, *others))))[3]
    assert "Over 1 step 50 % is left: that is enough to learn from, but the training was too short." in why


def test_the_rate_is_the_one_at_which_most_starts_learn_then_the_quickest():
    slow = recalled("gru", 4, (0.95, 0.99), (400, 500), 0.001)
    quick = recalled("gru", 4, (0.92, 0.92), (100, 100), 0.003)
    few = recalled("gru", 4, (0.99, 0.2), (50, 500), 0.01)
    both = replace(slow, runs=(*few.runs, *slow.runs, *quick.runs))
    assert both.rate == 0.003
    assert (both.learned, both.steps, both.error) == (2, 100, pytest.approx(0.08))


def test_the_gradient_of_the_recall_task_is_that_of_torch(study):
    import torch

    from lstmcli.learning.model import MemberModule, tensors

    for cell in ("rnn", "gru", "lstm"):
        arch = study.design.recall.arch(cell, 6)
        torch.manual_seed(1)
        module = MemberModule(arch, "chrono").double()
        weights = export_weights(module)
        found = recall_reach(weights, arch, 6)
        windows = CopyTask(6).draw(64, np.random.default_rng(6))
        states = states_of(module, [t.double() if t.is_floating_point() else t for t in tensors(windows)])
        expected = [float(g.norm(dim=1).mean()) for g in reversed(states)]
        assert found.h == pytest.approx(expected, rel=1e-4)


def states_of(module, inputs):
    """dL/dh_t of every step by autograd, unrolled with PyTorch's own cells."""
    import torch

    kind = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}[module.arch.cell]
    cell = kind(module.arch.hidden, module.arch.hidden).double()
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(cell, name).data.copy_(getattr(module.recurrent, f"{name}_l0").data)
    along = torch.stack([inputs[0], inputs[1], inputs[2][..., 0]], -1)  # value, missing, mark
    x = along @ module.embed.weight.T + module.embed.bias
    h = c = torch.zeros(len(x), module.arch.hidden, dtype=torch.float64)
    states = []
    for step in range(x.shape[1]):
        h, c = cell(x[:, step], (h, c)) if module.arch.cell == "lstm" else (cell(x[:, step], h), c)
        states.append(h)
    made = module.head(h).sum()
    return torch.autograd.grad(made, states)


@pytest.mark.slow
def test_the_lstm_recalls_100_steps_back_where_the_rnn_does_not():
    settings = Settings(horizon=4, context=12, season=6, hidden=6, batch=8, validation=2)
    design = design_study(waves(120, 90), settings, 3, (10, 100))
    design = replace(design, plan=replace(design.plan, steps=3))
    study = run_study(design, lambda progress: None)
    assert [study.recall(cell, 10).learned for cell in ("rnn", "gru", "lstm")] == [3, 3, 3]
    assert [study.recall(cell, 100).learned for cell in ("gru", "lstm")] == [3, 3]
    assert study.recall("rnn", 100).learned < 3
    assert comes_back(study.recall("rnn", 100)) < 0.01
    assert comes_back(study.recall("lstm", 100)) > 0.1


def test_shares_are_written_in_percent():
    shares = [1.0, 0.123, 0.0123, 0.00001, 1e-12]
    assert [percent(s) for s in shares] == ["100 %", "12 %", "1.2 %", "0.0010 %", "less than 0.000001 %"]


def test_a_level_of_the_chart_is_a_factor_of_ten():
    # The highest of eight levels is 1, the lowest reaches down to 1e-7.
    shares = np.array([2.0, 1.0, 0.5, 0.1, 0.09, 1.1e-7, 0.9e-7, 0.0])
    assert heights(shares, "12345678") == "8877" + "6" + "1" + "  "


def test_the_document_is_versioned(study):
    document = json.loads(study_json(study))
    assert document["version"] == 3
    assert [c["cell"] for c in document["cells"]] == ["rnn", "gru", "lstm"]
    assert document["verdict"]["holds"] in (True, False)
