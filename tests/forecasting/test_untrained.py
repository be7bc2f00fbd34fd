"""Forecasts of what comes with the program, for histories of every kind."""

import numpy as np
import pytest

from lstmcli.forecasting import builtin
from lstmcli.forecasting.builtin import NEWEST, builtin_quantiles
from lstmcli.forecasting.classical import classical_forecast
from lstmcli.forecasting.forecast import forecasts
from lstmcli.forecasting.intervals import spread_quantiles
from lstmcli.forecasting.mix import mix_forecast
from lstmcli.forecasting.mix_shares import untrained_shares
from lstmcli.forecasting.untrained import NETWORK_ALONE, SeasonPair, season_pair, untrained_network
from lstmcli.network.builtin import QUANTILES, builtin_inputs
from lstmcli.series.calendar import DAY, HOUR, Step
from lstmcli.series.panel import Panel

MEDIAN = QUANTILES.index(0.5)
MONTHS = Step("month", 1, 1)
SHARES = untrained_shares(MONTHS)


def panel_of(histories, step=MONTHS):
    lengths = np.array([len(h) for h in histories])
    none = np.zeros((lengths.sum(), 0), np.float32)
    return Panel(
        key_names=("id",),
        keys=tuple((str(n),) for n in range(len(histories))),
        step=step,
        starts=np.full(len(histories), np.datetime64("2020-01-01", "us")),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        lengths=lengths,
        values=np.concatenate(histories),
        past=none,
        future=none,
    )


def wave(length, season=12, noise=0.0, level=100.0):
    random = np.random.default_rng(length)
    t = np.arange(length)
    return level + 20 * np.sin(2 * np.pi * t / season) + noise * random.standard_normal(length)


HISTORIES = {
    "three values": np.array([3.0, 4, 5]),
    "one value": np.array([7.0]),
    "a constant": np.full(40, 7.0),
    "zeros": np.zeros(30),
    "counts": np.random.default_rng(1).poisson(0.4, 80).astype(float),
    "missing values": np.where(np.arange(60) % 7 == 3, np.nan, wave(60)),
    "a level shift": np.where(np.arange(60) < 50, 100.0, 500.0) + np.arange(60) % 3,
    "growth by factors": 1.05 ** np.arange(70) * wave(70, level=60),
    "large numbers": 1e9 + wave(50),
    "small numbers": 1e-7 * wave(50),
    "ten thousand values": wave(10_000, 24, 3),
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("season", [1, 12])
def test_any_history_has_a_finite_forecast_in_order(history, season):
    made = builtin_quantiles([history], season, season, 20)
    assert made.shape == (1, 20, len(QUANTILES))
    assert np.isfinite(made).all()
    assert (np.diff(made, axis=2) >= -1e-9 * np.abs(made).max()).all()


def test_a_constant_is_forecast_as_it_is():
    made = builtin_quantiles([np.full(40, 7.1), wave(40), np.array([7.1, np.nan, 7.1])], 12, 12, 12)
    assert (made[[0, 2]] == 7.1).all()
    assert len(np.unique(made[1])) > 12


@pytest.mark.parametrize("factor", [1e-12, 1e-5, 1e9])
def test_a_forecast_grows_with_the_unit_of_the_values(factor):
    histories = [wave(60, noise=3), np.arange(40.0), HISTORIES["counts"]]
    plain, other = (builtin_quantiles([f * h for h in histories], 12, 12, 12) for f in (1, factor))
    assert other == pytest.approx(factor * plain, rel=1e-3, abs=1e-3 * factor)


def test_a_clean_wave_goes_on():
    """Far better than the last value, which is off by 13 on average."""
    history = wave(120, noise=1.0)
    made = builtin_quantiles([history], 12, 12, 12)[0, :, MEDIAN]
    truth = wave(132)[120:]
    assert np.abs(made - truth).mean() < 3


def test_a_series_is_forecast_alone_as_among_others():
    histories = [wave(length, noise=2) for length in (5, 17, 60, 61, 144, 400)]
    together = builtin_quantiles(histories, 12, 12, 60)
    for history, made in zip(histories, together, strict=True):
        assert made == pytest.approx(builtin_quantiles([history], 12, 12, 60)[0], rel=1e-4)


def test_only_the_newest_values_are_read():
    history = wave(NEWEST, 24, 2)
    longer = np.concatenate([np.full(300, -1e6), history])
    one, other = (builtin_quantiles([h], 24, 168, 24) for h in (history, longer))
    assert one == pytest.approx(other)


def test_intervals_grow_beyond_one_forecast():
    made = builtin_quantiles([wave(200, noise=5)], 12, 12, 144)[0]
    widths = made[:, -1] - made[:, 0]
    assert widths[96:].mean() > widths[:48].mean()


def test_the_mix_lies_between_its_members():
    """Its median is the median of the members by their shares, so between the least and the largest."""
    histories, pair = [wave(60, noise=4), wave(33, noise=4)], SeasonPair(12, 12)
    made = mix_forecast(untrained_network(pair, 6, 60, SHARES), None, histories, 6)[..., MEDIAN]
    parts = [builtin_quantiles(histories, 12, 12, 6)[..., MEDIAN]]
    for name in ("ets", "theta"):
        parts.append(spread_quantiles(classical_forecast(name, histories, 12, 6), QUANTILES)[..., MEDIAN])
    assert sum(SHARES.values()) == pytest.approx(1)
    assert (made >= np.min(parts, axis=0) - 1e-9).all()
    assert (made <= np.max(parts, axis=0) + 1e-9).all()


def test_nothing_is_below_zero_where_no_value_ever_was():
    counts = HISTORIES["counts"]
    for shares in (SHARES, NETWORK_ALONE):
        network = untrained_network(SeasonPair(7, 7), 14, 80, shares)
        made = mix_forecast(network, None, [counts, counts - 5], 14)
        assert made[0].min() >= 0
        assert made[1].min() < 0


@pytest.mark.parametrize(
    ("histories", "step", "pair"),
    [
        ([wave(120)], MONTHS, (12, 12)),
        ([wave(27, 5, 3)], MONTHS, (12, 12)),  # too short to show one: the usual one of months
        ([wave(20)], MONTHS, (1, 1)),
        ([wave(700, 24)], Step("fixed", HOUR), (24, 24)),
        ([wave(100, 7)], Step("fixed", DAY), (7, 7)),
        ([wave(60)], Step("month", 12, 1), (1, 1)),
        ([wave(60)], Step("plain", 1), (1, 1)),
    ],
)
def test_the_season_is_found_or_the_usual_one(histories, step, pair):
    found = season_pair(panel_of(histories, step))
    assert (found.season, found.second) == pair


def test_a_second_season_is_found():
    day = np.arange(24 * 7 * 6)
    values = wave(len(day), 24) + 30 * (day // 24 % 7 >= 5)
    found = season_pair(panel_of([values], Step("fixed", HOUR)))
    assert (found.season, found.second) == (24, 168)


def test_blocks_are_forecasts_with_the_times_that_follow():
    panel = panel_of([wave(40), wave(50)])
    network = untrained_network(season_pair(panel), 5, 50, NETWORK_ALONE)
    blocks = list(forecasts(network, panel, 5, lambda made: made, block=1))
    assert [made.keys for made in blocks] == [(("0",),), (("1",),)]
    assert [str(made.starts[0])[:7] for made in blocks] == ["2023-05", "2024-03"]
    assert blocks[0].values == pytest.approx(builtin_quantiles([wave(40)], 12, 12, 5), rel=1e-4)


def test_a_forecast_of_many_steps_goes_on_from_the_newest_values_alone(monkeypatch):
    """What it works on does not grow with the horizon: the time would grow with its square."""
    widths = []

    def inputs(known, first, steps):
        widths.append((known.values.shape[1], int(first[0]), int(known.start[0])))
        return builtin_inputs(known, first, steps)

    monkeypatch.setattr(builtin, "builtin_inputs", inputs)
    monkeypatch.setattr(builtin, "_GOES_ON_FROM", 100)
    builtin_quantiles([wave(60)], 12, 12, 5 * 48)
    assert widths == [(60, 60, 0), (100, 100, 0), (100, 100, 0), (100, 100, 0), (100, 100, 0)]
