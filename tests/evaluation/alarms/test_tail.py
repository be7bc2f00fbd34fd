"""How rare sizes are."""

import numpy as np
import pytest

from lstmcli.evaluation.alarms.tail import SizeTails, add_sizes, start_sizes


def known_of(sizes):
    known = start_sizes(1, 2)
    for size in sizes:
        add_sizes(known, 1, np.array([[size]]), np.array([[True]]))
    return known


def test_sizes_are_counted_within_a_class():
    sizes = np.random.default_rng(0).exponential(size=2000)
    tails = SizeTails.of(known_of(sizes), np.array([0.02, 0.02]), 10)
    for size in (0.05, 0.3, 1.0, 2.5):
        found = tails.count(np.array([[size]]), 1)[0, 0]
        assert found == pytest.approx((sizes >= size).sum() + 1, rel=0.05)


def test_the_tail_goes_on_beyond_the_largest():
    sizes = np.random.default_rng(0).exponential(2.0, size=5000)
    tails = SizeTails.of(known_of(sizes), np.array([0.02, 0.02]), 10)
    for size in (16.0, 24.0, 40.0):
        found = np.log(tails.count(np.array([[size]]), 1)[0, 0] / 5001)
        assert found == pytest.approx(-size / 2, rel=0.1)
    assert tails.size(np.array([5001 * np.exp(-12)]), 1)[0] == pytest.approx(24, rel=0.1)


def test_a_size_of_zero_and_one_beyond_all_classes_are_counted():
    known = known_of([0.0, 1e9])
    assert known["above"][0, 1, 0] == 2 and known["above"][0, 1, 1] == 1 and known["above"][0, 0, 0] == 0


def test_beyond_the_largest_a_heavy_tail_is_the_least():
    sizes = np.random.default_rng(0).uniform(0, 1, size=1000)
    tails = SizeTails.of(known_of(sizes), np.array([0.02, 0.02]), 10)
    ten, hundred = (tails.heavy_count(np.array([size]), 1)[0] for size in (10.0, 100.0))
    assert ten == pytest.approx(1e-4, rel=0.8) and hundred == pytest.approx(ten / 10_000)
    assert tails.heavy_count(np.array([0.5]), 1)[0] == tails.count(np.array([[0.5]]), 1)[0, 0]
