"""The ONNX graph against the forecaster, on random networks of every kind; nothing is trained."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, NAN, change_contract, made_model, panel_of, random_module

from lstmcli.errors import LstmcliError
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.learning.model import export_weights
from lstmcli.network.architecture import Blend, Network
from lstmcli.series.calendar import DAY, HOUR, Step
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.scaling import Scaling, Standardisation

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from lstmcli.model_file.onnx import export as checking
from lstmcli.model_file.onnx.document import onnx_document
from lstmcli.model_file.onnx.export import difference, export_checked, session
from lstmcli.model_file.onnx.inputs import feed_inputs
from lstmcli.model_file.onnx.trial import trial_panel

CONTRACT = made_model().contract
HOURLY = Step("fixed", HOUR)
SHAPE = WindowSpec(12, 7, ("seasonal",), 4, False)
SCALING = Scaling(
    "none", "mean", Standardisation(), Standardisation((50.0, 1.0, -0.5), (20.0, 0.5, 0.5)), least=0.1
)
LOG = {"transform": "log", "levels": Standardisation((3.0, -1.0, -0.5), (1.0, 0.5, 0.5))}
CLOSE = 1e-5  # a tenth of what an export may differ by


def network_of(shape=None, scaling=None, options=None, **arch):
    """A random network; `arch`, `shape`, `scaling` and `options` say how it differs from a plain one."""
    arch = replace(ARCH, **{"members": 2, **arch})
    modules = [export_weights(random_module(arch, seed)) for seed in range(arch.members)]
    weights = {f"members.{m}.{name}": w for m, module in enumerate(modules) for name, w in module.items()}
    return Network(
        weights,
        arch,
        replace(SHAPE, **(shape or {})),
        replace(SCALING, **(scaling or {})),
        (1.3, 1.0, 0.9),
        **(options or {}),
    )


def differs(network, step=HOURLY, contract=CONTRACT):
    """The largest difference over the made-up series of every length, with gaps and without spread."""
    content = onnx_document(network, contract).SerializeToString()
    return difference(content, network, trial_panel(network, step)).max()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("segment", [1, 4])
@pytest.mark.parametrize("scaling", [{}, LOG], ids=["none", "log"])
def test_every_cell_is_that_of_the_model(cell, layers, segment, scaling):
    options = {"error_power": 2.0, "usual_error": 0.7}
    assert differs(network_of(None, scaling, options, cell=cell, layers=layers, segment=segment)) < CLOSE


@pytest.mark.parametrize("location", ["mean", "last", "season"])
@pytest.mark.parametrize("transform", ["none", "log"])
@pytest.mark.parametrize("season", [1, 4, 12, 20])
def test_every_location_at_every_season(location, transform, season):
    scaling = {"location": location, **(LOG if transform == "log" else {})}
    shape = {"season": season, "baselines": ("last", "none")}
    assert differs(network_of(shape, scaling)) < CLOSE


@pytest.mark.parametrize("baseline", ["seasonal", "profile", "lag3", "lag12", "last", "drift", "none"])
def test_every_baseline_alone_and_in_a_blend(baseline):
    alone = network_of({"baselines": (baseline,)}, members=1)
    blend = {"blend": Blend(baseline, 0.35)}
    assert differs(alone) < CLOSE
    assert differs(network_of({"baselines": ("none", "drift")}, None, blend, members=3)) < CLOSE


@pytest.mark.parametrize("trust", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("unrest", [0.0, 0.2, 5.0])
@pytest.mark.parametrize("blend", [None, Blend("profile", 0.6)])
def test_recent_errors_weigh_the_members_and_widen_the_intervals(trust, unrest, blend):
    options = {"error_power": trust, "usual_error": unrest, "blend": blend}
    assert differs(network_of({"baselines": ("last", "seasonal", "none")}, None, options, members=3)) < CLOSE


def test_what_differs_between_options_is_larger_than_what_is_allowed():
    # Otherwise the tests above would hold for a graph that leaves them out.
    plain = network_of()
    panel = trial_panel(plain, HOURLY)
    content = onnx_document(plain, CONTRACT).SerializeToString()
    for other in (
        replace(plain, error_power=1.0),
        replace(plain, usual_error=0.2),
        replace(plain, blend=Blend("profile", 0.9)),
        replace(plain, widths=(1.3, 1.0, 1.0)),
        replace(plain, scaling=replace(SCALING, location="last")),
        replace(plain, scaling=replace(SCALING, least=5.0)),
        replace(plain, shape=replace(SHAPE, season=3)),
    ):
        assert difference(content, other, panel).max() > 100 * CLOSE


@pytest.mark.parametrize("levels", [(0.5,), (0.1, 0.5), (0.5, 0.9), (0.01, 0.1, 0.3, 0.5, 0.8)])
@pytest.mark.parametrize("bounded", [False, True])
def test_every_set_of_levels_also_with_zero_as_a_bound(levels, bounded):
    scaling = {"bounded": bounded, "levels": Standardisation((0.2, 1.0, -0.5), (1.0, 0.5, 0.5))}
    network = network_of(None, scaling, quantiles=levels)
    # Widths by which quantiles would cross.
    network = replace(network, widths=tuple(1.0 if q == 0.5 else 4 - 3 * abs(q - 0.5) for q in levels))
    assert differs(network) < CLOSE
    (made,) = run(network, [1.0, 0.0, 2.0, 0.0, 0.0])
    assert (made.min() >= 0) == bounded
    assert (np.diff(made, axis=2) >= 0).all()


def test_single_windows_shorter_than_a_season_and_horizons_longer_than_it():
    shape = {"context": 8, "horizon": 11, "season": 3, "baselines": ("seasonal", "profile", "drift")}
    network = network_of(
        shape, None, {"error_power": 1.0, "usual_error": 1.0}, context=8, horizon=11, members=3
    )
    assert differs(network) < CLOSE


def run(network, *histories):
    content = onnx_document(network, CONTRACT).SerializeToString()
    length = max(map(len, histories))
    values = np.array([[NAN] * (length - len(history)) + list(history) for history in histories])
    return session(content).run(["quantiles"], {"values": values})


def test_series_side_by_side_are_forecast_as_each_alone():
    network = network_of(None, None, {"error_power": 2.0, "usual_error": 1.0})
    histories = [3.0, 4.0], [50.0, NAN, 60.0, 55.0] * 9, [1.0]
    (together,) = run(network, *histories)
    alone = np.concatenate([run(network, history)[0] for history in histories])
    assert together == pytest.approx(alone, rel=1e-6)
    assert together == pytest.approx(forecast_panel(network, panel_of(*histories), 7).values, rel=1e-5)


def test_a_value_without_logarithm_counts_as_missing():
    # lstmcli refuses it, which a graph cannot.
    network = network_of(None, LOG)
    history = [20.0, 22.0, 19.0, 24.0, 21.0]
    holed = run(network, [*history[:2], NAN, *history[3:]])[0]
    assert np.array_equal(run(network, [*history[:2], -3.0, *history[3:]])[0], holed)


def test_the_median_is_given_too():
    network = network_of()
    feed = {"values": np.array([[1.0, 4.0, 2.0]])}
    quantiles, median = session(onnx_document(network, CONTRACT).SerializeToString()).run(None, feed)
    assert np.array_equal(median, quantiles[:, :, 1])


NUMBERS = {
    "covariates": Standardisation((5.0, -1.0, 100.0), (2.0, 0.1, 30.0)),
    "spreads": (0.5, 0.02, 5.0),
}


def covariates_of_arch(past, future, calendar, baselines):
    """Columns of the architecture for so many covariates, with simple forecasts of those known ahead."""
    simple = len(dict.fromkeys(("none", *baselines)))
    numbers = past + future
    return {"covariates": numbers + calendar, "ahead": future * simple + calendar, "static": numbers}


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("baselines", [("seasonal", "drift"), ("none", "profile", "last")])
@pytest.mark.parametrize(("past", "future"), [(3, 0), (0, 3), (1, 2)])
@pytest.mark.parametrize("calendar", [False, True])
def test_covariates(cell, baselines, past, future, calendar):
    shape = {"baselines": baselines, "calendar": calendar}
    arch = covariates_of_arch(past, future, 6 if calendar else 0, baselines)
    network = network_of(shape, NUMBERS, {"error_power": 1.0}, cell=cell, **arch)
    assert differs(network) < CLOSE


CATEGORIES = (("a", "b"), ("x",), ("p", "q", "r"), ("s",))  # one static, one past, two future
CODED = change_contract(
    CONTRACT,
    past=("load", "mode"),
    future=("wind", "day", "gate"),
    static=("size", "kind"),
    categorical=("kind", "mode", "day", "gate"),
)


def test_calendar_categories_and_static_covariates():
    scaling = {**NUMBERS, "static": Standardisation((7.0,), (3.0,)), "categories": CATEGORIES}
    arch = covariates_of_arch(2, 1, 4, ("seasonal",))
    tables = {"static_tables": (3,), "past_tables": (2,), "future_tables": (4, 2)}
    arch = {**arch, "static": arch["static"] + 1, **tables}
    network = network_of({"calendar": True}, scaling, {"usual_error": 1.0}, **arch)
    assert differs(network, Step("fixed", DAY), CODED) < CLOSE
    said = {p.key: p.value for p in onnx_document(network, CODED).metadata_props}
    assert json.loads(said["categories"])["day"] == ["p", "q", "r"]
    columns = json.loads(said["columns"])
    assert columns["calendar"] == [f"{w} of the {c}" for c in ("week", "year") for w in ("sine", "cosine")]
    assert (columns["past_codes"], columns["future_codes"]) == (["mode"], ["day", "gate"])


def test_categories_and_static_covariates_without_any_other():
    coded = change_contract(CODED, past=("mode",), static=(), categorical=("mode", "day", "gate"))
    network = network_of(None, {"categories": CATEGORIES[1:]}, past_tables=(2,), future_tables=(4, 2))
    assert differs(network, HOURLY, coded) < CLOSE
    coded = change_contract(CODED, past=(), future=(), categorical=("kind",))
    scaling = {"static": Standardisation((7.0,), (3.0,)), "categories": CATEGORIES[:1]}
    network = network_of(None, scaling, static=1, static_tables=(3,))
    assert differs(network, HOURLY, coded) < CLOSE
    assert [i.name for i in onnx_document(network, coded).graph.input] == ["values", "static", "static_codes"]


def test_holidays_are_columns_of_the_future():
    pytest.importorskip("holidays")
    shape = {"holidays": "DE"}
    network = network_of(shape, NUMBERS, **covariates_of_arch(0, 3, 0, ("seasonal",)))
    assert differs(network, Step("fixed", DAY)) < CLOSE
    made = onnx_document(network, CONTRACT)
    columns = json.loads({p.key: p.value for p in made.metadata_props}["columns"])
    assert columns == {"future": ["holiday", "day before a holiday", "day after a holiday"]}


def test_inputs_are_those_the_model_needs():
    names = [i.name for i in onnx_document(network_of(), CONTRACT).graph.input]
    assert names == ["values"]
    network = network_of(None, NUMBERS, **covariates_of_arch(1, 2, 0, ("seasonal",)))
    made = onnx_document(network, CONTRACT).graph.input
    assert [i.name for i in made] == ["values", "lengths", "past", "future"]
    panel = trial_panel(network, HOURLY).with_horizon(7, 100)
    feed = feed_inputs(network, panel)
    assert list(feed) == ["values", "lengths", "past", "future"]
    assert feed["future"].shape == (13, feed["values"].shape[1] + 7, 2)


def test_the_file_says_what_it_is():
    contract = replace(CONTRACT, step=HOURLY)
    made = onnx_document(network_of(), contract)
    said = {p.key: p.value for p in made.metadata_props}
    assert (said["step"], said["season"], said["horizon"], said["context"]) == ("hour", "4", "7", "12")
    assert json.loads(said["quantiles"]) == [0.1, 0.5, 0.9]
    assert json.loads(said["targets"]) == ["y"]
    assert "Beyond its horizon" in made.doc_string
    assert made.SerializeToString() == onnx_document(network_of(), contract).SerializeToString()


def test_a_graph_of_open_times_says_so_and_is_compared_without_their_closed_zeros():
    step = Step("open", DAY, slots="0-5", zeros=True)
    network, contract = network_of(), replace(CONTRACT, step=step)
    assert differs(network, step) < CLOSE
    made = onnx_document(network, contract)
    assert {p.key: p.value for p in made.metadata_props}["open"] == "Mon-Sat (6 of 7 days)"
    assert "open times alone: Mon-Sat" in made.doc_string


def test_the_graph_is_one_of_the_standard():
    import onnx

    onnx.checker.check_model(
        onnx_document(network_of(None, LOG, {"error_power": 1.0}), CONTRACT), full_check=True
    )


def test_a_graph_that_differs_is_refused(monkeypatch):
    network = network_of()
    _, largest, count = export_checked(network, CONTRACT)
    assert (largest < CLOSE, count) == (True, 13)
    wrong = replace(network, widths=(1.3, 1.0, 0.901))
    monkeypatch.setattr(checking, "onnx_document", lambda _, contract: onnx_document(wrong, contract))
    with pytest.raises(LstmcliError, match=r"differs from the model by .*nothing is written"):
        export_checked(network, CONTRACT)
