"""Covariates from the table to the network: static, past and future, numbers and categories."""

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from builders import ARCH, START, made_model, panel_of, random_module

from lstmcli.errors import DATA_NOTES, DataError, SettingsError
from lstmcli.forecasting import forecast as forecasting
from lstmcli.forecasting.forecast import forecast_panel, forecasts
from lstmcli.forecasting.plan import decide
from lstmcli.learning.loop import hide_categories
from lstmcli.learning.model import export_weights
from lstmcli.series.calendar import DAY, HOUR, Step
from lstmcli.series.category import Category
from lstmcli.series.holidays import holiday_flags
from lstmcli.series.horizon_rows import check_future_rows, missing_future
from lstmcli.settings.model import Settings
from lstmcli.tables.read import future_at_open_times, read_table, static_texts, with_future
from lstmcli.tables.read import panel_of as panel_and_roles
from lstmcli.windows.covariates import UNSEEN_CODE, describe_unseen
from lstmcli.windows.cut import WindowSpec, cut_windows, window_rows
from lstmcli.windows.scaling import Scaling, Standardisation

NAN = np.nan
SHAPE = WindowSpec(context=4, horizon=2, baselines=("seasonal",), season=2, calendar=False)
LONG = """shop,region,size,time,y,promo,heat
n,east,10,2024-01-01,1,none,5
n,east,10,2024-01-02,2,sale,6
n,east,10,2024-01-03,3,none,7
s,west,30,2024-01-01,4,gift,8
s,west,30,2024-01-02,5,none,9
s,west,30,2024-01-03,6,sale,9
"""
ROLES = {"target": "y", "static": "region,size", "future": "promo,heat"}


def placed(error):
    """What is said, with the name of the file alone."""
    return str(error).replace(f"{Path(error.path).parent}/", "")


@pytest.fixture
def table(tmp_path):
    """Writes a CSV file and reads it."""

    def make(text, name="data.csv"):
        (tmp_path / name).write_text(text)
        return read_table(str(tmp_path / name))

    return make


@pytest.fixture
def shops(table):
    """The two shops, with the roles of their columns."""
    return panel_and_roles(table(LONG), Settings(**ROLES))


def numeric(panel, past=None, future=None):
    """A panel with one numeric covariate of each kind that is given."""
    given = {"past": past, "future": future}
    return replace(panel, **{k: np.array(v, np.float32)[:, None] for k, v in given.items() if v is not None})


def windows_of(panel, origin, shape=SHAPE, spreads=(0.1,), **scaling):
    standard = Standardisation((0.0,) * len(spreads), (1.0,) * len(spreads)) if spreads else Standardisation()
    made = Scaling("none", "mean", standard, Standardisation(), spreads=spreads, **scaling)
    rows = window_rows(panel, made, shape)
    series = np.arange(len(panel))
    return cut_windows(rows, series, np.full(len(panel), origin), shape, made)


# Tables


def test_texts_are_categories_and_static_ones_have_a_value_per_series(shops):
    panel, roles = shops
    assert (roles.static, roles.categorical) == (("region", "size"), ("region", "promo"))
    assert panel.static.tolist() == [[10], [30]]
    assert panel.future[:, 0].tolist() == [5, 6, 7, 8, 9, 9]
    region, promo = panel.categories
    assert (region.role, region.names, region.codes.tolist()) == ("static", ("east", "west"), [0, 1])
    assert (promo.role, promo.names) == ("future", ("gift", "none", "sale"))
    assert promo.codes.tolist() == [1, 2, 1, 0, 1, 2]


def test_numbers_are_categories_where_they_are_named_so(table):
    text = "time,y,kind\n2024-01-01,1,3\n2024-01-02,2,12\n2024-01-03,,\n"
    panel, _ = panel_and_roles(table(text), Settings(target="y", past="kind", categorical="kind"))
    (kind,) = panel.categories
    assert (kind.names, kind.codes.tolist()) == (("12", "3"), [1, 0, -1])


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (("n,east,10,2024-01-03", "n,west,10,2024-01-03"), "static-changes", "data.csv:4:region: a static "),
        (("s,west,30,2024-01-02", "s,west,31,2024-01-02"), "static-changes", "data.csv:6:size: a static "),
        (("5,none,9", "5,,9"), "missing-covariate", "data.csv:6:promo: the covariate is missing here"),
        (("s,west,30,2024-01-01", "s,,30,2024-01-01"), "missing-covariate", "data.csv:5:region: the cov"),
    ],
)
def test_complaints_about_covariates(table, change, kind, said):
    with pytest.raises(DataError) as caught:
        panel_and_roles(table(LONG.replace(*change)), Settings(**ROLES))
    assert caught.value.kind == kind
    assert placed(caught.value).startswith(said)


def test_a_category_must_be_a_covariate(table):
    with pytest.raises(SettingsError, match="categorical: 'heat' is no covariate"):
        panel_and_roles(table(LONG), Settings(target="y", categorical="heat"))


# Windows


def test_numbers_are_scaled_by_their_own_context():
    panel = numeric(panel_of([1.0] * 6), past=[9, 9, 1, 2, 3, 6])
    made = windows_of(panel, 6)
    mean, spread = 3.0, np.std([1, 2, 3, 6])
    assert made.covariates[0, :, 0] == pytest.approx((np.array([1, 2, 3, 6]) - mean) / spread)
    assert made.ahead.shape == (1, 2, 0)
    assert made.static[0].tolist() == [3.0]  # the level, standardised by 0 and 1, at most 3


def test_what_is_known_ahead_is_its_departure_from_simple_forecasts_of_it():
    panel = numeric(panel_of([1.0] * 4, ahead=2), future=[2, 4, 2, 8, 5, 7])
    made = windows_of(panel, 4)
    mean, spread = 4.0, np.std([2, 4, 2, 8])
    # From the mean of the context, and from the last season: 2, 8.
    assert made.ahead[0, :, 0] == pytest.approx((np.array([5, 7]) - mean) / spread)
    assert made.ahead[0, :, 1] == pytest.approx(np.array([5 - 2, 7 - 8]) / spread)


def test_a_covariate_of_another_size_looks_the_same():
    small, large = [1.0, 5, 2, 6, 3, 9], [1e4 * x + 7e5 for x in (1, 5, 2, 6, 3, 9)]
    panel = numeric(panel_of([1.0] * 4, [1.0] * 4, ahead=2), future=[*small, *large])
    made = windows_of(panel, 4)
    assert made.covariates[1] == pytest.approx(made.covariates[0], abs=1e-4)
    assert made.ahead[1] == pytest.approx(made.ahead[0], abs=1e-4)


def test_a_covariate_that_does_not_change_in_a_window_is_not_blown_up():
    panel = numeric(panel_of([1.0] * 4, ahead=2), future=[5, 5, 5, 5, 6, 1e9])
    made = windows_of(panel, 4, spreads=(0.5,))
    assert made.ahead[0, :, 0].tolist() == [2, 10]


def test_rows_before_the_start_of_a_series_count_for_nothing_in_the_scale():
    panel = numeric(panel_of([1.0] * 4), past=[900, 900, 2, 4])
    short = numeric(panel_of([1.0] * 2), past=[2, 4])
    far = windows_of(panel, 4, replace(SHAPE, context=2))
    near = windows_of(short, 2)
    assert near.covariates[0, 2:] == pytest.approx(far.covariates[0])


def test_a_flag_has_one_scale_in_every_window():
    flag = (np.arange(80) % 40 == 9).astype(float)
    panel = numeric(panel_of(np.arange(40.0), np.arange(40.0)), future=flag)
    plan = decide(panel, Settings(horizon=4, season=4, calendar=False))
    assert plan.scaling.spreads == (0.5,)  # no window of a flag exceeds half its range


def coded(panel, *categories):
    return replace(panel, categories=tuple(Category(*c[:3], np.array(c[3], np.int32)) for c in categories))


def test_codes_become_rows_of_embeddings_and_0_for_what_is_not_known():
    panel = coded(
        panel_of([1.0] * 4, ahead=2),
        ("region", "static", ("x", "y"), [1]),
        ("sky", "past", ("fog", "rain", "sun"), [0, 1, 2, 0, -1, -1]),
        ("promo", "future", ("a", "b"), [0, 1, 0, 1, 1, 0]),
    )
    known = (("y", "z"), ("rain", "sun"), ("b",))
    made = windows_of(panel, 4, spreads=(), categories=known)
    assert made.static_codes.tolist() == [[1]]
    assert made.codes[0].tolist() == [[0, 0], [1, 1], [2, 0], [0, 1]]
    assert made.codes_ahead[0].tolist() == [[1], [0]]


def test_categories_that_the_model_has_not_seen_are_told():
    panel = coded(
        panel_of([1.0] * 4),
        ("sky", "past", ("fog", "rain", "sun"), [0, 0, 2, 1]),
        ("id", "static", ("q",), [0]),
    )
    scaling = Scaling("none", "mean", Standardisation(), Standardisation(), categories=(("sun",), ()))
    assert describe_unseen(panel, scaling) == [
        "3 rows have a sky that the model has not seen: 'fog', 'rain'",
        "1 series have a id that the model has not seen: 'q'",
    ]
    assert not describe_unseen(panel, replace(scaling, categories=(("fog", "rain", "sun"), ("q",))))
    alike = replace(scaling, categories=(("Fog ", "sun", "RAIN"), ("q",)))
    assert describe_unseen(panel, alike) == [
        "3 rows have a sky that the model has not seen: 'fog' (it knows 'Fog '), 'rain' (it knows 'RAIN')"
    ]
    assert "unseen-category" in DATA_NOTES


def test_training_makes_some_categories_unseen_and_nothing_else():
    panel = coded(
        panel_of([1.0] * 4, ahead=2),
        ("region", "static", ("x",), [0]),
        ("promo", "future", ("a", "b"), [0, 1, 0, 1, 1, 0]),
    )
    shape = SHAPE
    scaling = Scaling("none", "mean", Standardisation(), Standardisation(), categories=(("x",), ("a", "b")))
    many = np.zeros(4000, np.int64)
    windows = cut_windows(window_rows(panel, scaling, shape), many, many + 4, shape, scaling)
    made = hide_categories(windows, np.random.default_rng(0), len(windows.context))
    assert (made.static_codes == UNSEEN_CODE).mean() == pytest.approx(0.1, abs=0.02)
    changed = (made.codes != windows.codes).any(axis=(1, 2))
    assert changed.mean() == pytest.approx(0.1, abs=0.02)
    # One of the two is unseen wherever it stands, also ahead; the other is left.
    lost = {tuple(row) for row in np.concatenate([made.codes, made.codes_ahead], axis=1)[changed][:, :, 0]}
    assert lost == {(0, 2, 0, 2, 2, 0), (1, 0, 1, 0, 0, 1)}
    plain = windows_of(panel_of([1.0] * 4), 4, spreads=())
    assert hide_categories(plain, None, 1) is plain


# Plans


def test_the_plan_counts_what_the_network_reads():
    longer = panel_of(np.arange(40.0), np.arange(40.0) * 2)
    row = np.tile([0, 1], 40)
    longer = coded(
        numeric(longer, past=np.sin(np.arange(80)), future=np.cos(np.arange(80))),
        ("region", "static", ("x", "y"), [0, 1]),
        ("promo", "future", ("a", "b", "late"), np.where(np.arange(80) % 40 == 39, 2, row)),
    )
    longer = replace(longer, static=np.array([[1.0], [2.0]], np.float32))
    plan = decide(longer, Settings(horizon=4, season=4, baseline=("seasonal", "none"), calendar=False))
    arch = plan.arch
    assert (arch.covariates, arch.ahead) == (2, 2)  # ahead: from the mean and from the last season
    assert arch.static == 1 + 2
    # What stands only in the held out end is not seen in training.
    assert plan.scaling.categories == (("x", "y"), ("a", "b"))
    assert (arch.static_tables, arch.past_tables, arch.future_tables) == ((3,), (), (3,))


def test_static_covariates_of_a_single_series_are_said_to_tell_nothing():
    panel = replace(panel_of(np.arange(40.0)), static=np.array([[7.0]], np.float32))
    assert any("single series" in note for note in decide(panel, Settings()).notes)
    assert not any("single series" in note for note in decide(panel_of(np.arange(40.0)), Settings()).notes)


# Forecasts


def network_with(covariates, ahead, **more):
    arch = replace(ARCH, covariates=covariates, ahead=ahead, static=covariates, **more)
    model = made_model()
    weights = {f"members.0.{n}": w for n, w in export_weights(random_module(arch)).items()}
    scaling = replace(
        model.network.scaling,
        covariates=Standardisation((0.0,) * covariates, (1.0,) * covariates),
        spreads=(0.1,) * covariates,
    )
    return replace(model.network, weights=weights, arch=arch, scaling=scaling)


def test_nothing_is_read_of_past_covariates_ahead_and_all_of_future_ones():
    random = np.random.default_rng(0)
    history, x = np.cumsum(random.normal(size=30)), random.normal(size=37)
    panel = panel_of(history, ahead=7)
    changed = np.where(np.arange(37) >= 30, x + 5, x)
    past, future = network_with(1, 0), network_with(1, 2)
    for horizon in (7, 3):
        made = [forecast_panel(past, numeric(panel, past=v), horizon).values for v in (x, changed)]
        assert np.array_equal(*made)
    rolled = [forecast_panel(past, numeric(panel, past=v), 15).values for v in (x, changed)]
    assert np.array_equal(*rolled)
    made = [forecast_panel(future, numeric(panel, future=v), 7).values for v in (x, changed)]
    assert np.abs(made[0] - made[1]).max() > 0.01
    # What is known of the last step changes the last step alone.
    changed = np.where(np.arange(37) == 36, x + 5, x)
    made = [forecast_panel(future, numeric(panel, future=v), 7).values[0] for v in (x, changed)]
    assert made[0][:6] == pytest.approx(made[1][:6], abs=1e-4)
    assert not np.allclose(made[0][6], made[1][6])


def test_past_numbers_stay_at_their_last_value_and_past_categories_are_unknown_ahead():
    panel = numeric(panel_of([1.0, 2.0, 3.0], ahead=1), past=[5, 6, 7, 0])
    panel = coded(panel, ("sky", "past", ("fog", "sun"), [0, 1, 0, 1]))
    extended = panel.with_horizon(2, 2)
    assert extended.past[:, 0].tolist() == [6, 7, 7, 7]
    assert extended.categories[0].codes.tolist() == [1, 0, -1, -1]


def test_rows_ahead_are_looked_for_once_and_before_the_first_block(monkeypatch):
    looked_at = []

    def looked_for(panel, horizon):
        looked_at.append(len(panel))
        check_future_rows(panel, horizon)

    monkeypatch.setattr(forecasting, "check_future_rows", looked_for)
    network, x = network_with(1, 2), np.random.default_rng(0).normal(size=(5, 37))
    panel = numeric(panel_of(*x[:, :30], ahead=7), future=x.ravel())
    assert len(list(forecasts(network, panel, 7, lambda made: made, block=2))) == 3
    assert looked_at == [5]
    for refused in (forecast_panel, lambda *given: forecasts(*given, lambda made: made)):
        with pytest.raises(DataError, match=r"for 5 rows: a 2024-01-02 13:00:00; b .*; and 2 more series"):
            refused(network, panel, 8)


# What is known ahead from a second table


def test_rows_of_a_second_table_continue_the_series(shops, table):
    panel, roles = shops
    text = "promo,shop,time,heat\nnone,s,2024-01-04,1\nnew,n,2024-01-05,3\nsale,n,2024-01-04,2\n"
    made = with_future(panel, table(text, "f.csv"), roles, 2)
    assert missing_future(panel, 2) == [pytest.approx([3, 4]), pytest.approx([3, 4])]
    assert [list(m) for m in missing_future(made, 2)] == [[], [4]]
    assert made.offsets.tolist() == [0, 5, 10]
    assert made.future[:, 0] == pytest.approx([5, 6, 7, 2, 3, 8, 9, 9, 1, NAN], nan_ok=True)
    promo = made.categories[1]
    assert promo.names == ("gift", "none", "sale", "new")
    assert promo.codes.tolist() == [1, 2, 1, 2, 3, 0, 1, 2, 1, -1]
    with pytest.raises(DataError, match="missing for 1 row: s 2024-01-05"):
        check_future_rows(made, 2)


@pytest.mark.parametrize(
    ("row", "kind", "said"),
    [
        ("n,2024-01-03,sale,1", "future-rows", "f.csv:3:time: series n: the data has rows up to 2024-01-03 "),
        (
            "n,2024-01-04 12:00,sale,1",
            "future-rows",
            "f.csv:3:time: series n: 2024-01-04 12:00:00 is no",
        ),
        ("n,2024-01-04,sale,", "missing-covariate", "f.csv:3:heat: the covariate is missing here"),
        ("n,2024-01-04,,1", "missing-covariate", "f.csv:3:promo: the covariate is missing here"),
        ("n,2024-01-04,sale,x", "not-a-number", "f.csv:3:heat: 'x' is not a number"),
        ("q,2024-01-04,sale,1", "future-rows", "f.csv:3:shop: the data has no series q"),
        ("s,2024-01-04,sale,1", "duplicate-time", "f.csv:3:time: series s: time 2024-01-04 appears twice"),
    ],
)
def test_complaints_about_a_second_table(shops, table, row, kind, said):
    panel, roles = shops
    with pytest.raises(DataError) as caught:
        with_future(panel, table(f"shop,time,promo,heat\ns,2024-01-04,none,1\n{row}\n", "f.csv"), roles, 2)
    assert caught.value.kind == kind
    assert placed(caught.value).startswith(said)


@pytest.mark.parametrize("offset", ["", "Z", "-05:00"])
@pytest.mark.parametrize("of_data", ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M%z @-05:00"])
def test_times_with_and_without_an_offset_are_not_joined(table, offset, of_data):
    zoned = "Z" if "%z" in of_data else ""
    data = "".join(f"2024-01-01 0{hour}:00{zoned},{hour},{hour % 2}\n" for hour in range(8))
    settings = Settings(target="y", future="heat", step="1h")
    panel, roles = panel_and_roles(table("time,y,heat\n" + data), settings)[:2]
    hour = "03" if zoned and offset == "-05:00" else "08"
    plan = table(
        f"time,heat\n2024-01-01 {hour}:00{offset},1\n2024-01-01 {int(hour) + 1:02}:00{offset},1\n", "f.csv"
    )
    if bool(offset) == bool(zoned):
        assert with_future(panel, plan, roles, 2, of_data).future[-2:, 0].tolist() == [1, 1]
        return
    with pytest.raises(DataError, match="has none: add it" if zoned else "has one: leave it out") as caught:
        with_future(panel, plan, roles, 2, of_data)
    assert placed(caught.value).startswith("f.csv:2:time: ") and caught.value.kind == "not-a-time"


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        (
            "shop,time,promo,heat,y",
            "s,2024-01-04,none,1,7",
            ":2:y: this row has a value; leave it empty, or move the row to DATA",
        ),
        ("shop,time,promo,heat,size", "s,2024-01-04,none,1,31", ":2:size: a static covariate differs"),
        ("shop,time,promo,heat,region", "s,2024-01-04,none,1,east", ":2:region: a static covariate differs"),
        ("shop,time,promo", "s,2024-01-04,none", ":1: there is no column 'heat'"),
    ],
)
def test_columns_of_a_second_table_agree_with_the_data(shops, table, header, row, said):
    panel, roles = shops
    with pytest.raises(DataError) as caught:
        with_future(panel, table(f"{header}\n{row}\n", "f.csv"), roles, 2)
    assert placed(caught.value).startswith(f"f.csv{said}")


def test_a_stamp_between_two_steps_is_refused(table):
    hours = "".join(f"2024-01-01 {hour:02}:00,1,2\n" for hour in range(6))
    panel, roles = panel_and_roles(table("time,y,x\n" + hours), Settings(target="y", future="x"))
    with pytest.raises(
        DataError, match="2024-01-01 06:30:00 is no step of the series; the next is 2024-01-01 07:00"
    ):
        with_future(panel, table("time,x\n2024-01-01 06:30,5\n", "f.csv"), roles, 3)


def test_future_rows_at_closed_times_are_left_out_and_counted(table):
    """A plan of all days for a shop that is closed on Sundays."""
    days = [date(2024, 1, 1) + timedelta(days=k) for k in range(30)]
    rows = "".join(f"{day},{day.day},2\n" for day in days if day.weekday() != 6)
    panel, roles = panel_and_roles(table("time,y,x\n" + rows), Settings(target="y", future="x"))
    plan = table("time,x\n2024-01-31,3\n2024-02-03,4\n2024-02-04,5\n2024-02-05,6\n2024-02-11,7\n", "f.csv")
    inside, notes = future_at_open_times(plan, panel.step, roles)
    assert notes == ("future rows: 2 rows at closed times left out (the first: 2024-02-04)",)
    made = with_future(panel, inside, roles, 5)
    assert made.future[-5:, 0] == pytest.approx([3, NAN, NAN, 4, 6], nan_ok=True)
    fixed = Step("fixed", DAY)
    assert future_at_open_times(plan, fixed, roles) == (plan, ())
    sundays = table("time,x\n2024-02-04,5\n", "f.csv")
    assert future_at_open_times(sundays, panel.step, roles) == (sundays, ())


def test_several_targets_share_the_rows_of_a_second_table(table):
    text = "time,a,b,x\n2024-01-01,1,4,7\n2024-01-02,2,,8\n"
    panel, roles = panel_and_roles(table(text), Settings(target="a,b", future="x"))
    # b has a row ahead already, so that it needs one row less.
    made = with_future(panel, table("time,x\n2024-01-03,9\n2024-01-04,10\n", "f.csv"), roles, 2)
    assert made.future[:, 0].tolist() == [7, 8, 9, 10, 7, 8, 9]
    assert [len(m) for m in missing_future(made, 2)] == [0, 0]


def test_static_texts_are_those_of_the_table(table):
    data = table(LONG)
    _, roles = panel_and_roles(data, Settings(**ROLES))
    assert static_texts(data, roles) == {
        "region": {("n",): "east", ("s",): "west"},
        "size": {("n",): "10", ("s",): "30"},
    }


# Holidays


def test_holidays_and_the_days_around_them_are_flagged():
    days = START.astype("datetime64[D]") + np.arange(-8, 3)  # 24 December to 3 January
    flags = holiday_flags(days.astype("datetime64[us]"), Step("fixed", DAY), "DE")
    assert flags[:, 0].tolist() == [0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0]
    assert flags[:, 1].tolist() == [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    assert flags[:, 2].tolist() == [0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0]


def test_a_part_of_a_country_has_holidays_of_its_own():
    epiphany = np.array(["2024-01-06T05:00"], "datetime64[us]")
    found = [holiday_flags(epiphany, Step("fixed", HOUR), place)[0, 0] for place in ("DE", "DE-BY")]
    assert found == [0, 1]


@pytest.mark.parametrize(
    ("place", "step", "said"),
    [
        ("DEE", Step("fixed", DAY), "there is no country 'DEE'; it is two letters, as DE."),
        ("US-NYC", Step("fixed", DAY), "US has no part 'NYC'. Did you mean 'NY'?"),
        ("DE", Step("month", 1, 1), "needs dates at steps of a day or less, not of a month"),
        ("DE", Step("fixed", 7 * DAY), "needs dates at steps of a day or less, not of a week"),
        ("DE", Step("plain", 1), "needs dates at steps of a day or less, not of a step"),
    ],
)
def test_complaints_about_holidays(place, step, said):
    with pytest.raises(SettingsError) as caught:
        holiday_flags(np.array([START]), step, place)
    assert said in str(caught.value)


def test_without_the_package_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(SettingsError, match=r'pip install "lstmcli\[holidays\]"'):
        holiday_flags(np.array(["1871-01-01"], "datetime64[us]"), Step("fixed", DAY), "DE")


def test_holidays_are_known_ahead_without_a_column():
    panel = replace(panel_of(np.arange(30.0), ahead=0), starts=np.array(["2023-12-24"], "datetime64[us]"))
    shape = WindowSpec(24, 24, ("none",), 1, False, "DE")
    scaling = Scaling(
        "none", "mean", Standardisation((0.0,) * 3, (1.0,) * 3), Standardisation(), spreads=(0.5,) * 3
    )
    made = cut_windows(
        window_rows(panel.with_horizon(24, 24), scaling, shape),
        np.array([0]),
        np.array([24]),
        shape,
        scaling,
    )
    # From 6:00 on the 24th six of 24 hours are a holiday; the 24 after them all are.
    location = 6 / 24
    assert made.covariates[0, :, 0] == pytest.approx(((np.arange(24) >= 18) - location) / 0.5)
    assert made.ahead[0, :, 0] == pytest.approx((1 - location) / 0.5)
