"""A panel is cut, joined and lengthened with all that belongs to a row or a series."""

from dataclasses import replace

import numpy as np
import pytest

from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.category import Category
from lstmcli.series.panel import Panel
from lstmcli.series.seasonality import season_strength

NAN = np.nan
START = np.datetime64("2024-01-01T00:00", "us")


@pytest.fixture
def panel():
    """Three series of 3, 2 and 2 values with 1, 0 and 2 rows ahead; a row's numbers name it."""
    return Panel(
        key_names=("shop",),
        keys=(("a",), ("b",), ("c",)),
        step=Step("fixed", HOUR),
        starts=START + np.array([0, 5, 10]) * HOUR,
        offsets=np.array([0, 4, 6, 10]),
        lengths=np.array([3, 2, 2]),
        values=np.array([1.0, 2, 3, NAN, 4, 5, 6, 7, NAN, NAN]),
        past=np.array([[10], [20], [30], [NAN], [40], [50], [60], [70], [NAN], [NAN]], np.float32),
        future=np.arange(100, 110, dtype=np.float32)[:, None],
        static=np.array([[0.1], [0.2], [0.3]], np.float32),
        categories=(
            Category("region", "static", ("n", "s", "w"), np.array([0, 1, 2], np.int32)),
            Category("sky", "past", ("fog", "sun"), np.array([0, 1, 0, -1, 1, 1, 0, 0, -1, -1], np.int32)),
            Category("promo", "future", ("no", "yes"), np.array([0, 0, 1, 1, 0, 1, 0, 1, 1, 0], np.int32)),
        ),
    )


def columns(panel):
    """All that a panel holds by row, then by series."""
    rows = [panel.values, panel.past[:, 0], panel.future[:, 0], *(c.codes for c in panel.categories[1:])]
    series = [[key for (key,) in panel.keys], panel.lengths, panel.static[:, 0], panel.categories[0].codes]
    return rows, series


def same(found, *wanted):
    for column, numbers in zip(found, wanted, strict=True):
        assert np.asarray(column).tolist() == pytest.approx(numbers, nan_ok=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"values": np.zeros(9)}, "past has 10 entries, not 9"),
        ({"past": np.zeros((9, 1), np.float32)}, "past has 9 entries, not 10"),
        ({"future": np.zeros((11, 1), np.float32)}, "future has 11 entries, not 10"),
        ({"static": np.zeros((2, 1), np.float32)}, "static has 2 entries, not 3"),
        ({"starts": np.zeros(4, np.int64)}, "starts has 4 entries, not 3"),
        ({"keys": (("a",), ("b",))}, "starts has 3 entries, not 2"),
        ({"lengths": np.array([3, 2])}, "lengths has 2 entries, not 3"),
        ({"offsets": np.array([0, 4, 10])}, "offsets has 3 entries, not 4"),
        ({"offsets": np.array([0, 4, 6, 9])}, "do not fit"),
        ({"offsets": np.array([1, 4, 6, 10])}, "do not fit"),
        ({"offsets": np.array([0, 2, 6, 10])}, "do not fit"),
        ({"lengths": np.array([3, 3, 2])}, "do not fit"),
    ],
)
def test_a_panel_with_arrays_of_different_lengths_cannot_be_made(panel, changes, said):
    with pytest.raises(ValueError, match=said):
        replace(panel, **changes)


@pytest.mark.parametrize(("place", "size"), [(0, 2), (0, 10), (1, 9), (2, 3)])
def test_nor_one_with_a_category_of_another_length(panel, place, size):
    categories = list(panel.categories)
    categories[place] = replace(categories[place], codes=np.zeros(size, np.int32))
    with pytest.raises(ValueError, match=f"{categories[place].column} has {size} entries, not"):
        replace(panel, categories=tuple(categories))


def test_neighbouring_series_are_views(panel):
    part = panel.select(slice(1, 3))
    rows, series = columns(part)
    same(rows, [4, 5, 6, 7, NAN, NAN], [40, 50, 60, 70, NAN, NAN], range(104, 110), [1, 1, 0, 0, -1, -1],
         [0, 1, 0, 1, 1, 0])  # fmt: skip
    assert series[0] == ["b", "c"]
    same(series[1:], [2, 2], [0.2, 0.3], [1, 2])
    assert part.offsets.tolist() == [0, 2, 6]
    assert part.starts.tolist() == panel.starts[1:].tolist()
    for own, whole in zip(columns(part)[0], columns(panel)[0], strict=True):
        assert np.shares_memory(own, whole)


def test_series_in_another_order_keep_all_that_is_theirs(panel):
    chosen = panel.select(np.array([2, 0]))
    for place, s in enumerate((2, 0)):
        alone = panel.select(slice(s, s + 1))
        assert chosen.select(slice(place, place + 1)).fingerprint() == alone.fingerprint()


def test_a_history_is_cut_off_with_what_was_known_then(panel):
    cut = panel.select(np.array([2, 0]), np.array([1, 2]), 2)
    rows, series = columns(cut)
    same(rows, [6, NAN, NAN, 1, 2, NAN, NAN], [60, NAN, NAN, 10, 20, NAN, NAN],
         [106, 107, 108, 100, 101, 102, 103], [0, -1, -1, 0, 1, -1, -1], [0, 1, 1, 0, 0, 1, 1])  # fmt: skip
    assert series[0] == ["c", "a"]
    same(series[1:], [1, 2], [0.3, 0.1], [2, 0])
    assert panel.values[7] == 7  # the panel itself is as it was
    assert panel.categories[1].codes[2] == 0
    assert panel.select(slice(0, 2), np.array([1, 2])).offsets.tolist() == [0, 1, 3]


def test_parts_joined_again_are_the_panel(panel):
    parts = [panel.select(slice(0, 1)), panel.select(slice(1, 3))]
    assert Panel.concat(parts).fingerprint() == panel.fingerprint()


def test_categories_of_joined_panels_share_their_names(panel):
    first, second = panel.select(slice(0, 1)), panel.select(slice(1, 2))
    promo = replace(second.categories[2], names=("maybe", "no"))  # b has codes 0 and 1
    joined = Panel.concat([first, replace(second, categories=(*second.categories[:2], promo))])
    assert joined.categories[2].names == ("maybe", "no", "yes")
    assert joined.categories[2].codes.tolist() == [1, 1, 2, 2, 0, 1]


def test_panels_of_other_steps_or_columns_are_not_joined(panel):
    for other in (
        replace(panel, step=Step("fixed", 2 * HOUR)),
        replace(panel, key_names=("store",)),
        replace(panel, categories=panel.categories[:2]),
        replace(panel, categories=(*panel.categories[:2], replace(panel.categories[2], role="past"))),
    ):
        with pytest.raises(ValueError, match="cannot be joined"):
            Panel.concat([panel, other])


def test_exactly_a_horizon_follows_the_end_of_each_history(panel):
    longer = panel.with_horizon(1, 2)
    rows, series = columns(longer)
    same(rows, [2, 3, NAN, 4, 5, NAN, 6, 7, NAN], [20, 30, 30, 40, 50, 50, 60, 70, 70],
         [101, 102, 103, 104, 105, NAN, 106, 107, 108], [1, 0, -1, 1, 1, -1, 0, 0, -1],
         [0, 1, 1, 0, 1, -1, 0, 1, 1])  # fmt: skip
    assert longer.starts.tolist() == (panel.starts + np.array([1, 0, 0]) * HOUR).tolist()
    assert longer.offsets.tolist() == [0, 3, 6, 9]
    assert longer.lengths.tolist() == [2, 2, 2]
    same(series[2:], [0.1, 0.2, 0.3], [0, 1, 2])


def test_a_horizon_of_each_series(panel):
    longer = panel.with_horizon(np.array([0, 1, 3]))
    assert longer.offsets.tolist() == [0, 3, 6, 11]
    assert longer.future[:, 0].tolist() == pytest.approx(
        [100, 101, 102, 104, 105, NAN, 106, 107, 108, 109, NAN], nan_ok=True
    )


def test_future_covariates_are_filled_in(panel):
    given = Category("promo", "future", ("later", "yes"), np.array([1, 0], np.int32))
    filled = panel.fill_future(np.array([9, 3]), np.array([[1.0], [2.0]]), [given])
    assert filled.future[[3, 9], 0].tolist() == [2, 1]
    assert filled.categories[2].names == ("no", "yes", "later")
    assert filled.categories[2].codes.tolist() == [0, 0, 1, 2, 0, 1, 0, 1, 1, 1]
    assert panel.future[9, 0] == 109
    assert filled.categories[1] is panel.categories[1]


def test_the_strength_of_a_season_is_never_below_zero():
    random = np.random.default_rng(0)
    for _ in range(20):
        assert 0 <= season_strength(np.cumsum(random.normal(size=60)), 7) < 0.5
    assert season_strength(np.tile([1.0, 5.0, 2.0, 0.0], 9), 4) == 1
