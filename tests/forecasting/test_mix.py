"""The mix of a network and simple methods: shares, weighted median, and one forecast on every path."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from builders import QUICK, made_model, panel_of, train_small

from lstmcli.errors import DataError, UsageError
from lstmcli.evaluation.mixing import fit_mix, rolling_errors
from lstmcli.forecasting.builtin import builtin_quantiles
from lstmcli.forecasting.forecast import forecast_at_origins, forecast_panel
from lstmcli.forecasting.mix import SIMPLE_MEMBERS, member_quantiles, mix_members, weighted_median
from lstmcli.forecasting.mix_shares import fit_shares, prior_shares
from lstmcli.jobs.export import export_model
from lstmcli.model_file import read_model, write_model
from lstmcli.network.architecture import Builtin, Mix
from lstmcli.network.builtin import builtin_weights
from lstmcli.series.calendar import Step

MONTH = Step("month", 1, 1)
LEVELS = (0.1, 0.5, 0.9)


def test_the_weighted_median_of_three_alike_is_the_median():
    values = np.array([[[1.0, 9.0]], [[5.0, 2.0]], [[70.0, 4.0]]])
    assert weighted_median(values, np.full(3, 1 / 3)) == pytest.approx(np.array([[5.0, 4.0]]))


def test_a_larger_share_draws_the_weighted_median_and_all_of_it_is_that_member():
    values = np.array([[[0.0]], [[10.0]]])
    # Centres of the shares 0.75 and 0.25 lie at 0.375 and 0.875: half is a quarter of the way.
    assert weighted_median(values, np.array([0.75, 0.25])) == pytest.approx(np.array([[2.5]]))
    assert weighted_median(values, np.array([0.5, 0.5])) == pytest.approx(np.array([[5.0]]))
    assert weighted_median(values[:1], np.array([1.0])).tolist() == [[0.0]]


def test_the_distances_of_quantiles_are_means_where_members_agree():
    ours = np.array([[[-1.0, 0.0, 2.0]]])
    theirs = np.array([[[-4.0, 0.0, 6.0]]])
    mixed = mix_members({"network": ours, "ets": theirs}, {"network": 0.75, "ets": 0.25}, LEVELS)
    assert mixed[0, 0] == pytest.approx([-1.75, 0.0, 3.0])


def test_members_that_differ_widen_the_interval_by_their_variance():
    """Medians 0 and 8 by halves are 4 from their mean of 4; normal spreads of 3 make 5 of it."""
    z = NormalDist().inv_cdf(0.9)
    ours, theirs = (np.array([[[m - 3 * z, m, m + 3 * z]]]) for m in (0.0, 8.0))
    mixed = mix_members({"network": ours, "ets": theirs}, {"network": 0.5, "ets": 0.5}, LEVELS)
    assert mixed[0, 0] == pytest.approx([4 - 5 * z, 4, 4 + 5 * z])
    certain = np.full((1, 1, 3), 2.0)
    assert mix_members({"network": certain, "ets": certain}, {"network": 0.5, "ets": 0.5}, LEVELS) == (
        pytest.approx(certain)
    )


def shares_of(errors, independent, rolling=None, windows=60):
    """Shares of members whose errors have a size each."""
    random = np.random.default_rng(0)
    actual = random.normal(size=(windows, 4))
    noise = random.normal(size=(5, windows, 4))
    points = actual + np.array(errors)[:, None, None] * noise
    given = np.zeros((0, 4)) if rolling is None else np.array(rolling)
    return fit_shares(prior_shares(False, MONTH), given, points, actual, np.ones(windows), independent)


def test_with_many_windows_the_shares_follow_the_evidence():
    assert shares_of([0.1, 1.0, 1.0, 1.0, 1.0], 5000)[0] > 0.95
    assert shares_of([3.0, 0.1, 3.0, 3.0, 3.0], 5000)[1] > 0.95


def test_with_one_window_the_shares_stay_near_the_prior():
    # One window beside 20 moves the network's share by a twenty-first of the way to 1 at most.
    assert shares_of([0.1, 1.0, 1.0, 1.0, 1.0], 1)[0] == pytest.approx(0.2 + 0.8 / 21, abs=0.01)
    assert shares_of([5.0, 1.0, 1.0, 1.0, 1.0], 1)[0] == pytest.approx(0.2 * 20 / 21, abs=0.01)
    assert shares_of([1.0, 1.0, 1.0, 1.0, 1.0], 1) == pytest.approx(prior_shares(False, MONTH), abs=0.1)


def test_origins_of_the_whole_history_decide_between_the_simple_methods():
    better = shares_of([1.0, 1.0, 1.0, 1.0, 1.0], 4, [[0.2, 1.0, 1.0, 1.0]] * 6)
    other = shares_of([1.0, 1.0, 1.0, 1.0, 1.0], 4, [[1.0, 0.2, 1.0, 1.0]] * 6)
    assert better[1] > better[2] + 0.2
    assert other[2] > other[1] + 0.2


def test_covariates_speak_for_the_network():
    assert prior_shares(True, MONTH)[0] > 0.7
    assert prior_shares(True, MONTH).sum() == pytest.approx(1)


def test_origins_are_spread_over_the_history():
    panel = panel_of(np.arange(120.0) + np.tile([0.0, 5.0, 1.0, -3.0], 30))
    builtin = Builtin(builtin_weights(), 4, 4)
    errors = rolling_errors(panel, 4, 4, builtin)
    assert errors.shape == (8, 4)
    assert errors[:, 3] == pytest.approx(1.0)  # a season before, the series was lower by its usual change
    assert errors[:, :2].max() < 0.5
    assert rolling_errors(panel_of(np.arange(9.0)), 4, 4, builtin).shape == (0, 4)


@pytest.fixture(scope="module")
def wave():
    times = np.arange(240)
    return 30 + 0.1 * times + 5 * np.sin(2 * np.pi * times / 12) + np.random.default_rng(3).normal(size=240)


@pytest.fixture(scope="module")
def trained(wave):
    return train_small(panel_of(wave), QUICK.model_copy(update={"mix": "auto"}))


def test_training_fits_a_mix_and_reports_its_members(trained):
    mix, errors = trained.network.mix, trained.report["validation"]["errors"]
    assert sum(mix.shares.values()) == pytest.approx(1, abs=2e-3)
    assert set(errors) == {
        "model",
        "network alone",
        "built-in",
        "ets",
        "theta",
        "seasonal naive",
        "last value",
    }
    assert errors["model"]["mae"] < errors["network alone"]["mae"]
    assert trained.report["validation"]["coverage"]


def test_a_mix_of_the_network_alone_is_none(trained, wave, monkeypatch):
    monkeypatch.setattr("lstmcli.evaluation.mixing.fit_shares", lambda *given: np.array([1.0, 0, 0, 0, 0]))
    alone = object()
    bare = replace(trained.network, mix=None)
    made = fit_mix(
        bare, panel_of(wave), np.array([0]), np.array([200]), 1, alone, Builtin(builtin_weights(), 12, 12)
    )
    assert made == (bare, alone)


def test_the_forecast_is_the_mix_of_its_members_by_hand(trained, wave):
    network = trained.network
    panel = panel_of(wave)
    levels, middle = network.arch.quantiles, network.arch.quantiles.index(0.5)
    alone = forecast_panel(replace(network, mix=None), panel, 6).values
    members = {"network": alone}
    members["builtin"] = builtin_quantiles([wave], 12, 12, 6)
    for name, method in SIMPLE_MEMBERS.items():
        members[name] = member_quantiles(method, [wave], 12, 6, levels)
    points = np.stack([members[name][:, :, middle] for name in network.mix.shares])
    by_hand = weighted_median(points, np.array(list(network.mix.shares.values())))
    made = forecast_panel(network, panel, 6)
    assert made.median == pytest.approx(by_hand, rel=1e-5)
    assert (np.diff(made.values, axis=2) >= 0).all()


def test_a_backtest_sees_what_predict_would_have_seen(trained, wave):
    panel = panel_of(wave)
    then = forecast_at_origins(trained.network, panel, np.array([0]), np.array([200]))
    assert then == pytest.approx(forecast_panel(trained.network, panel_of(wave[:200]), 6).values, rel=1e-4)


def test_the_last_values_alone_are_read(trained, wave):
    network = trained.network
    recent = wave[-network.reach_back :]
    whole, part = (forecast_panel(network, panel_of(values), 6).values for values in (wave, recent))
    assert whole == pytest.approx(part, rel=1e-9)


def test_a_horizon_beyond_the_network_s_is_mixed_too(trained, wave):
    made = forecast_panel(trained.network, panel_of(wave), 20).values
    assert made.shape == (1, 20, 9)
    assert np.isfinite(made).all()


MIX = Mix(0.25, 0.45, 0.3, 0.0, 100, 7, (1.0, 1.0, 1.0))


def test_a_model_file_keeps_the_mix_and_one_of_before_has_none(tmp_path, monkeypatch):
    path, model = tmp_path / "model.safetensors", made_model()
    widths = (1.5,) * len(model.network.arch.quantiles)
    network = replace(model.network, mix=replace(MIX, widths=widths))
    write_model(path, replace(model, network=network))
    assert read_model(path).network.mix == network.mix
    monkeypatch.setattr("lstmcli.model_file.write.MODEL_FORMAT", 3)
    write_model(path, model)
    assert read_model(path).network.mix is None
    assert read_model(path).format == 3


def test_a_model_file_keeps_the_builtin_network_that_it_forecasts_with(tmp_path):
    path = tmp_path / "model.safetensors"
    model = made_model()
    widths = (1.0,) * len(model.network.arch.quantiles)
    mix = Mix(0.5, 0.0, 0.0, 0.0, 100, 7, widths, builtin=0.5)
    builtin = Builtin(builtin_weights(), 12, 24)
    write_model(path, replace(model, network=replace(model.network, mix=mix, builtin=builtin)))
    found = read_model(path).network
    assert (found.builtin.season, found.builtin.second) == (12, 24)
    assert all((found.builtin.weights[name] == w).all() for name, w in builtin_weights().items())
    assert not set(found.weights) & set(found.builtin.weights)


def test_a_share_without_its_network_is_told(tmp_path):
    path, model = tmp_path / "model.safetensors", made_model()
    mix = replace(MIX, builtin=0.25, network=0.0, widths=(1.0,) * len(model.network.arch.quantiles))
    write_model(path, replace(model, network=replace(model.network, mix=mix)))
    with pytest.raises(DataError, match="belong together"):
        read_model(path)


@pytest.mark.parametrize(
    ("changed", "said"), [({"ets": 0.9}, "do not add up to one"), ({"widths": ()}, "one per quantile")]
)
def test_a_damaged_mix_is_told(tmp_path, changed, said):
    path, model = tmp_path / "model.safetensors", made_model()
    mix = replace(MIX, widths=(1.0,) * len(model.network.arch.quantiles))
    write_model(path, replace(model, network=replace(model.network, mix=replace(mix, **changed))))
    with pytest.raises(DataError, match=said):
        read_model(path)


def test_export_names_the_members_that_it_cannot_write(tmp_path):
    path, model = tmp_path / "model.safetensors", made_model()
    mix = replace(MIX, widths=(1.0,) * len(model.network.arch.quantiles))
    write_model(path, replace(model, network=replace(model.network, mix=mix)))
    with pytest.raises(UsageError, match=r"mixed with ets, theta, .*--set mix=network"):
        export_model(path, tmp_path / "model.onnx")
