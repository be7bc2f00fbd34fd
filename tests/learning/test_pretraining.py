"""Made-up series and the training of the built-in network on them."""

import numpy as np
import pytest
import torch

from lstmcli.learning.pretrain import components, families
from lstmcli.learning.pretrain.batches import Pool, cut_batch
from lstmcli.learning.pretrain.comparison import comparison_loss
from lstmcli.learning.pretrain.made_up import ORIGINS, make_up
from lstmcli.learning.pretrain.schedule import PretrainOptions, learning_rate, pretrain, pretrain_step
from lstmcli.learning.pretrain.twin import BuiltinTwin
from lstmcli.network.builtin import MOST_STEPS
from lstmcli.windows.histories import AHEAD, SEGMENT

FAMILIES = [
    *(families.sums, families.smoothing_paths, families.seasonal_arima, families.walks),
    *(families.cycles, families.counts, families.regimes, families.pulses),
]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_family_makes_finite_series_that_differ(family):
    season = np.array([1, 4, 7, 12, 24, 52] * 4)
    made = family(np.random.default_rng(1), season, 200)
    assert made.shape == (24, 200)
    assert np.isfinite(made).all()
    assert len({row.tobytes() for row in made}) == 24
    assert (made.std(axis=1) > 0).sum() >= 22  # counts of a small rate may be zeros alone


def test_filtered_noise_is_the_recursion():
    noise = np.array([[1.0, 2, 3], [1, 0, 0]])
    made = components.filtered(noise, np.array([0.5, -1.0]))
    assert made.tolist() == [[1, 2.5, 4.25], [1, -1, 1]]


def test_smooth_noise_has_its_memory():
    memory = np.full((200, 1), 10.0)
    made = components.smooth_noise(np.random.default_rng(2), 200, 2000, memory)
    lag = (made[:, 10:] * made[:, :-10]).mean() / np.square(made).mean()
    assert np.square(made[:, 500:]).mean() == pytest.approx(1, abs=0.05)
    assert lag == pytest.approx(np.exp(-1), abs=0.04)


def test_a_profile_has_mean_0_and_deviation_1_in_its_season():
    season = np.array([2, 4, 7, 12, 24, 168] * 20)
    made = components.profiles(np.random.default_rng(3), season)
    for row, length in zip(made, season, strict=True):
        assert row[:length].mean() == pytest.approx(0, abs=1e-9)
        assert row[:length].std() == pytest.approx(1)
        assert not row[length:].any()


def test_seasonal_series_repeat_at_their_season_alone():
    season = np.full(300, 12)
    made = components.seasonal(np.random.default_rng(5), season, 240, np.ones((300, 1)))
    change = {lag: np.abs(made[:, lag:] - made[:, :-lag]).mean() for lag in (5, 7, 12)}
    assert change[12] < 0.6 * min(change[5], change[7])
    assert not components.seasonal(np.random.default_rng(5), np.ones(3, int), 50, np.ones((3, 1))).any()


@pytest.mark.parametrize("short", [True, False])
def test_series_stand_at_the_end_of_their_rows(short):
    made = make_up(np.random.default_rng(6), 150, short)
    assert np.isfinite(made.values).all()
    for row, count in zip(made.values, made.count, strict=True):
        assert not row[: len(row) - count].any()
    assert (made.count.min() < 110) == short
    assert 0.2 < (made.values.min(axis=1) >= 0).mean() < 0.9  # positive series are common
    again = make_up(np.random.default_rng(6), 150, short)
    assert again.values.tobytes() == made.values.tobytes()


@pytest.mark.parametrize("short", [True, False])
def test_targets_follow_each_origin(short):
    """A batch of ramps: the target of every step is known."""
    series = make_up(np.random.default_rng(7), 40, short)
    length = series.values.shape[1]
    inside = np.arange(length) >= length - series.count[:, None]
    ramps = inside * (np.arange(length, dtype=np.float32) + 1)
    batch = cut_batch(np.random.default_rng(8), type(series)(ramps, series.count, series.season), short)
    scale, seen = batch.inputs.scale, batch.weight > 0
    truth = batch.target * scale.unit[:, None, None] + scale.loc[:, None, None]
    sign = np.sign(batch.inputs.last[:, :1])
    first = np.abs(batch.inputs.last[:, :1]) + 1 + np.arange(ORIGINS) * SEGMENT
    expected = (sign * first)[..., None] + sign[..., None] * np.arange(AHEAD)
    assert batch.target.shape == (40, ORIGINS, AHEAD)
    assert seen.mean() > 0.9
    assert truth[seen] == pytest.approx(expected[seen], rel=1e-3, abs=0.5)


def test_a_pool_is_renewed_and_its_batches_are_finite():
    pool = Pool(np.random.default_rng(9), size=80, uses=2, renewed=20)
    steps = set()
    for _ in range(8):
        batch = pool.batch(16)
        steps.add(batch.inputs.values.shape[1])
        for values in (
            batch.inputs.values,
            batch.inputs.series,
            batch.inputs.of_simple,
            batch.inputs.centred,
        ):
            assert np.isfinite(values).all()
        assert np.isfinite(batch.target).all()
        assert batch.weight.min() >= 0
    assert len(steps) > 3
    assert max(steps) <= MOST_STEPS + ORIGINS - 1


def test_the_learning_rate_rises_and_falls_once():
    rates = [learning_rate(share) for share in np.linspace(0, 1, 101)]
    top = int(np.argmax(rates))
    assert top == 5
    assert rates[top] == pytest.approx(1, abs=1e-3)
    assert (np.diff(rates[:top]) > 0).all()
    assert (np.diff(rates[top + 1 :]) < 0).all()
    assert rates[-1] < 1e-3


@pytest.fixture
def small_pool(monkeypatch):
    monkeypatch.setattr(Pool, "__init__", _small)


def _small(pool, rng):
    pool.rng, pool.size, pool.uses, pool.renewed, pool.short_share = rng, 20, 50, 10, 1.0
    pool._kinds, pool._used, pool._oldest = {}, {}, {}


def test_training_is_seeded(small_pool):
    options = PretrainOptions(steps=3, rows=8, seed=3)
    one, two = (pretrain(options, None, lambda said: None) for _ in range(2))
    assert all(np.array_equal(one[name], two[name]) for name in one)
    other = pretrain(PretrainOptions(steps=2, rows=8, seed=4), None, lambda said: None)
    assert not np.array_equal(one["head.weight"], other["head.weight"])


def test_an_unfinished_run_is_taken_up_again(small_pool, tmp_path, monkeypatch):
    monkeypatch.setattr("lstmcli.learning.pretrain.schedule._BETWEEN", 4)
    state, told = tmp_path / "run.pt", []
    pretrain(PretrainOptions(steps=4, rows=8), state, told.append)
    pretrain(PretrainOptions(steps=8, rows=8), state, told.append)
    assert [line.split("  ")[0] for line in told] == ["step 4", "step 8"]


def test_the_comparison_is_of_the_same_series_and_tells_better_from_worse():
    torch.manual_seed(0)
    weights = BuiltinTwin().weights()
    plain = comparison_loss(weights, batches=1, rows=12)
    assert plain == comparison_loss(weights, batches=1, rows=12)
    weights["quantiles.bias"] = weights["quantiles.bias"] + 3
    assert comparison_loss(weights, batches=1, rows=12) > plain


def test_a_step_lowers_the_loss_of_its_batch():
    torch.manual_seed(0)
    twin, batch = BuiltinTwin(), Pool(np.random.default_rng(1), size=24, short_share=1).batch(24)
    optimiser = torch.optim.AdamW(twin.parameters(), lr=1e-3)
    losses = [pretrain_step(twin, optimiser, batch, "cpu") for _ in range(6)]
    assert losses[-1] < 0.9 * losses[0]
