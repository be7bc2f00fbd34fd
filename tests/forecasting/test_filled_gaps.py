"""Gaps filled from both sides: where they are, how sides are mixed, what trials are made of."""

from dataclasses import replace

import numpy as np
import pytest
from builders import panel_of

from lstmcli.forecasting.filled_gaps import fill_gaps, find_gaps, known_places, mix_sides
from lstmcli.forecasting.untrained import SeasonPair, untrained_network

NAN = np.nan


def network(season=1, longest=100, **shares):
    return untrained_network(SeasonPair(season, season), 6, longest, shares or {"naive": 1.0})


def test_gaps_are_runs_within_a_series():
    panel = panel_of([1, NAN, 3, NAN, NAN, 6], [1, 2, NAN, 4])
    gaps = find_gaps(panel)
    assert gaps.series.tolist() == [0, 0, 1]
    assert gaps.firsts.tolist() == [1, 3, 2]
    assert gaps.sizes.tolist() == [1, 2, 1]
    assert gaps.places(panel).tolist() == [1, 3, 4, 8]
    assert len(find_gaps(panel_of([1, 2, 3]))) == 0


def test_sides_are_mixed_by_the_inverse_of_their_variances():
    """Of a random walk: the straight line, and the spread of a bridge between its ends."""
    steps = np.arange(1, 5)
    before = np.stack([0 - 2 * np.sqrt(steps), 0 * steps, 2 * np.sqrt(steps)], axis=1)[None]
    behind = before[:, ::-1] + 10
    one = np.ones((1, 1, 1))
    made = mix_sides(before, behind, one, one)
    np.testing.assert_allclose(made[0, :, 1], [2, 4, 6, 8])
    bridge = steps * (5 - steps) / 5
    share = 1 - steps / 5
    both = 2 * 0.25 * share * (1 - share) * np.sqrt(steps * (5 - steps))
    np.testing.assert_allclose(made[0, :, 2] - made[0, :, 1], 2 * np.sqrt(bridge + both))
    np.testing.assert_allclose(made[0, :, 1] - made[0, :, 0], made[0, :, 2] - made[0, :, 1])
    alone = mix_sides(before, behind, one, one * 1e-9)
    np.testing.assert_allclose(alone[0, :, 1], 0, atol=1e-6)


def test_a_walk_is_filled_by_the_straight_line_and_its_trials_set_the_width():
    rng = np.random.default_rng(5)
    history = 100 + np.cumsum(rng.normal(size=400))
    known = history.copy()
    hidden = np.concatenate([np.arange(at, at + 3) for at in range(20, 380, 12)])
    history[hidden] = NAN
    panel = panel_of(history)
    model = network(longest=400, ets=1.0)
    made = fill_gaps(model, model, panel, find_gaps(panel), 80)
    line = np.interp(np.arange(400), np.flatnonzero(~np.isnan(history)), history[~np.isnan(history)])
    error, of_line = (np.abs(found - known[hidden]).mean() for found in (made[:, 1], line[hidden]))
    assert error < 1.08 * of_line
    inside = (made[:, 0] <= known[hidden]) & (known[hidden] <= made[:, 2])
    assert 0.65 < inside.mean() < 0.95


def test_values_before_and_behind_do_not_see_the_gap():
    """A known value inside a gap that is asked for changes nothing."""
    history = 10 + np.sin(np.arange(60) * np.pi / 3)
    other = history.copy()
    other[30:32] = 1e6
    gaps = find_gaps(panel_of(np.where(np.isin(np.arange(60), [30, 31]), NAN, history)))
    model = network(6, 60)
    made = [fill_gaps(model, model, panel_of(some), gaps, 80) for some in (history, other)]
    np.testing.assert_allclose(made[0][:, 1], made[1][:, 1], rtol=0.05)


@pytest.mark.parametrize("short", ["before", "behind"])
def test_a_side_of_few_values_counts_for_nothing(short):
    history = np.arange(40.0) % 4
    at = 2 if short == "before" else 37
    history[at] = NAN
    panel = panel_of(history)
    model = network(4, 40)
    made = fill_gaps(model, model, panel, find_gaps(panel), 80)
    assert made[0, 1] == pytest.approx(at % 4, abs=1e-3)


def test_between_two_short_sides_is_a_line():
    panel = panel_of([1, 2, NAN, NAN, 5])
    model = network(longest=5)
    made = fill_gaps(model, model, panel, find_gaps(panel), 80)
    np.testing.assert_allclose(made[:, 1], [3, 4])


def test_never_below_zero_by_series():
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.3, 80).astype(float)
    counts[[30, 31, 50]] = NAN
    panel = panel_of(counts, counts - 1)
    model = network(longest=80, ets=1.0)
    made = fill_gaps(model, model, panel, find_gaps(panel), 95)
    assert made[:3].min() >= 0
    assert made[3:].min() < 0


def test_trials_are_known_values_between_known_ones():
    panel = panel_of([1, 2, NAN, 4, 5, 6, 7, 8], [1, 2, 3, 4])
    found = known_places(panel, 2)
    places = sorted(zip(found.series.tolist(), found.firsts.tolist(), strict=True))
    assert places == [(0, 4), (0, 5), (1, 1)]
    assert len(known_places(panel, 11)) == 0
    assert len(known_places(replace(panel, values=np.full(12, NAN)), 1)) == 0
