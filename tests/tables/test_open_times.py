"""Shop hours in files: what is read, said and refused; the same for predict, and without pandas."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import change_contract, made_model

from lstmcli.errors import DataError
from lstmcli.series.calendar import DAY, HOUR, Step
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_for_contract, panel_of, read_table
from lstmcli.tables.read.fast_path import read_plain_file
from lstmcli.tables.read.survey import survey_times

OFFICE = Step("open", HOUR, slots="9-15 33-39 57-63 81-87 105-111")
HOURS_NOTE = "open times: Mon-Fri 09:00 to 15:00 (35 of 168 hours); closed times are not forecast"
MEND = "(--set open=always --on-gap mask forecasts them as if open)"


def office(weeks=4, every="h"):
    index = pd.date_range("2024-01-01", periods=weeks * 7 * 24, freq=every)
    return index[(index.day_of_week < 5) & (index.hour >= 9) & (index.hour < 16)]


def shop(weeks=10):
    index = pd.date_range("2024-01-01", periods=7 * weeks)
    return index[index.day_of_week != 6]


@pytest.fixture
def read(tmp_path):
    def make(index, values=None, **settings):
        path = str(tmp_path / "data.csv")
        frame = pd.DataFrame({"time": index, "y": np.arange(len(index)) * 0.5 if values is None else values})
        frame.to_csv(path, index=False)
        chosen = Settings(**settings)
        table = read_table(path, chosen.options)
        return *panel_of(table, chosen), table

    return make


def test_closed_hours_are_no_gaps(read):
    panel, roles, _ = read(office())
    assert panel.step == OFFICE
    assert panel.values.tolist() == (np.arange(140) * 0.5).tolist()
    assert (panel.times(0, 0, 140) == office().to_numpy()).all()
    assert roles.notes == (f"{HOURS_NOTE} {MEND}",)


def test_closed_days_are_no_gaps(read):
    panel, roles, _ = read(shop())
    assert panel.step == Step("open", DAY, slots="0-5")
    assert (panel.observations, len(panel.values)) == (60, 60)
    assert roles.notes == (f"open days: Mon-Sat (6 of 7 days); closed days are not forecast {MEND}",)


def test_always_is_real_time(read):
    panel, roles, _ = read(office(), open="always", on_gap="mask")
    assert panel.step == Step("fixed", HOUR)
    assert len(panel.values) == 3 * 168 + 4 * 24 + 7
    assert panel.observations == 140
    assert roles.notes == ("gaps in time: 467 times left missing",)
    with pytest.raises(DataError, match=r"467 times missing; .* --on-gap fill interpolates$"):
        read(office(), open="always")


def test_holidays_stay_gaps(read):
    rows = shop()
    rows = rows[(rows != "2024-02-14") & (rows != "2024-03-01")]
    with pytest.raises(DataError) as caught:
        read(rows)
    assert str(caught.value).split("data.csv:")[1] == (
        "40:time: gap in time: expected 2024-02-14 (step: one open day), found 2024-02-15; 2 times missing; "
        "--on-gap mask leaves them missing, --on-gap fill interpolates; open days: Mon-Sat (6 of 7 days); "
        "--set open=always --on-gap mask takes all days"
    )
    panel, roles, _ = read(rows, on_gap="mask")
    assert (len(panel.values), panel.observations) == (60, 58)
    assert np.isnan(panel.values[[38, 52]]).all()
    assert roles.notes[1] == "gaps in time: 2 times left missing"
    panel, _, _ = read(rows, on_gap="mask", open="always")
    assert len(panel.values) == 69


def test_public_holidays_are_left_missing_where_their_country_is_named(read):
    pytest.importorskip("holidays")
    missing = ["2024-05-01", "2024-05-09", "2024-05-20"]  # of Germany
    rows = pd.date_range("2024-04-01", "2024-06-15")
    shop_days = rows[(rows.day_of_week != 6) & ~rows.isin(pd.to_datetime(missing))]
    with pytest.raises(DataError, match="3 times missing"):
        read(shop_days)
    panel, roles, _ = read(shop_days, holidays="DE")
    assert (len(panel.values), panel.observations, panel.step.slots) == (66, 63, "0-5")
    absent = panel.times(0, 0, 66)[np.isnan(panel.values)].astype("datetime64[D]").astype(str)
    assert absent.tolist() == missing
    assert roles.notes[1] == (
        "gaps in time: 3 times on public holidays of DE left missing; holidays ahead are forecast too, as "
        "days that are open"
    )
    assert read(shop_days, holidays="DE", on_gap="mask")[1].notes[1] == "gaps in time: 3 times left missing"
    assert read(shop_days, holidays="DE", on_gap="fill")[0].observations == 66
    business = rows[(rows.day_of_week < 5) & ~rows.isin(pd.to_datetime(missing))]
    assert read(business, holidays="DE")[0].step == Step("business day", 1)
    with pytest.raises(DataError, match="expected 2024-05-01"):
        read(shop_days, holidays="US")  # which works on all three
    with pytest.raises(DataError, match="expected 2024-05-01"):
        read(shop_days[shop_days != "2024-05-02"], holidays="DE")  # two days, one of them a working day


@pytest.mark.parametrize("closed", [[], ["2024-05-01"], ["2024-05-01", "2024-05-09", "2024-05-20"]])
def test_holidays_whose_zeros_are_missing_are_told_to_be_open_ahead(read, closed):
    pytest.importorskip("holidays")
    rows = pd.date_range("2024-04-02", "2024-06-15")
    shut = rows.isin(pd.to_datetime(closed)) | (rows.day_of_week == 6)
    values = [f"{1.5 + k % 7}" if open_day else "0" for k, open_day in enumerate(~shut)]
    _, roles, _ = read(rows, values, missing=("0",), holidays="DE")
    told = [note for note in roles.notes if "on public holidays" in note]
    said = "3 missing cells on public holidays of DE; holidays ahead are forecast too, as days that are open"
    assert told == ([said] if len(closed) == 3 else [])
    assert not [note for note in read(rows, values, missing=("0",))[1].notes if "holidays" in note]


def test_rows_at_closed_times_are_left_out_and_counted(read):
    stray = pd.to_datetime(["2024-01-07 10:00", "2024-01-13 20:00"])
    panel, roles, table = read(office(24).union(stray))
    assert (panel.times(0, 0, 24 * 35) == office(24).to_numpy()).all()
    assert roles.notes[1] == "2 rows at closed times left out (the first: 2024-01-07 10:00:00)"
    seen = survey_times(table, roles)
    assert not seen.after_gaps.size
    assert not seen.repeated.size


def test_a_series_with_no_open_time_is_refused(tmp_path):
    path = str(tmp_path / "data.csv")
    rows = [(str(time), "a", 1) for time in office(24)] + [("2024-01-07 03:00:00", "b", 2)]
    pd.DataFrame(rows, columns=["time", "who", "y"]).to_csv(path, index=False)
    with pytest.raises(DataError) as caught:
        panel_of(read_table(path, ReadOptions()), Settings(series=("who",), target=("y",)))
    assert str(caught.value).endswith(
        "842:time: series b: no row at a time that is open (Mon-Fri 09:00 to 15:00 (35 of 168 hours))"
    )


def test_two_weeks_are_said_to_be_too_few(read):
    with pytest.raises(DataError, match=r"closed times are learned from three weeks or more$"):
        read(office(2))


def test_a_short_file_with_few_gaps_is_told_nothing_of_open_times(read):
    with pytest.raises(DataError, match=r"--on-gap fill interpolates$"):
        read(pd.date_range("2024-01-01", periods=200, freq="h").delete([50, 51, 120]))


def test_hours_in_utc_name_the_zone(read):
    local = office(14).tz_localize("America/New_York")
    stamps = local.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(DataError) as caught:
        read(stamps)
    assert str(caught.value).endswith(
        "; hours of a shop or market in UTC shift with summer time: --set timezone=America/New_York "
        "(or your zone)"
    )
    panel, roles, _ = read(stamps, timezone="America/New_York")
    assert panel.step == replace(OFFICE, zone="America/New_York")
    assert len(panel.values) == len(local)
    assert roles.notes == (
        "open times: Mon-Fri 09:00 to 15:00 in America/New_York (35 of 168 hours); closed times are not "
        f"forecast {MEND}",
    )


def test_bins_at_closed_times_are_none(read):
    minutes = office(4 * 4, "15min")
    panel, roles, _ = read(minutes, resample="1h=sum")
    assert panel.step == OFFICE
    assert (panel.times(0, 0, 140) == office().to_numpy()).all()
    assert roles.notes[0].startswith("resampled to 1h=sum")
    assert roles.notes[1] == f"{HOURS_NOTE} {MEND}"


def test_a_step_that_is_set_counts_open_times_too(read):
    assert read(office(), step="1h")[0].step == OFFICE


def contract_of_office(**options):
    made = made_model()
    return change_contract(
        made.contract, step=OFFICE, options=ReadOptions(**options), time_pattern="%Y-%m-%d %H:%M:%S"
    )


def test_the_step_of_a_model_is_kept_where_rows_are_too_few_to_learn_it(tmp_path):
    path, contract = str(tmp_path / "data.csv"), contract_of_office()
    roles = contract.roles
    rows = office(1).union(pd.to_datetime(["2024-01-06 12:00"]))
    pd.DataFrame({roles.time: rows, roles.targets[0]: 1.5}).to_csv(path, index=False)
    panel, notes = panel_for_contract(read_table(path, contract.options), roles, OFFICE)
    assert (len(panel.values), panel.step) == (35, OFFICE)
    assert notes == ("1 row at a closed time left out (2024-01-06 12:00:00)",)
    assert read_plain_file(contract, contract.options, [path]) is None
    pd.DataFrame({roles.time: office(3), roles.targets[0]: 1.5}).to_csv(path, index=False)
    plain = read_plain_file(contract, contract.options, [path])
    whole, _ = panel_for_contract(read_table(path, contract.options), roles, OFFICE)
    assert plain.panel.fingerprint() == whole.fingerprint()


def test_a_table_that_is_mostly_outside_is_another(tmp_path):
    path, contract = str(tmp_path / "data.csv"), contract_of_office()
    roles = contract.roles
    index = pd.date_range("2024-01-01", periods=100, freq="h")
    pd.DataFrame({roles.time: index, roles.targets[0]: 1.5}).to_csv(path, index=False)
    with pytest.raises(DataError) as caught:
        panel_for_contract(read_table(path, contract.options), roles, OFFICE)
    assert caught.value.kind == "other-step"
    assert str(caught.value).endswith(
        "2:time: 72 of 100 rows are at times that are closed to the model; it is open Mon-Fri 09:00 to 15:00 "
        "(35 of 168 hours): train it anew"
    )


def test_a_fingerprint_tells_other_open_times(read):
    panel, _, _ = read(office())
    other = replace(panel, step=replace(panel.step, slots="9-16 33-39 57-63 81-87 105-111"))
    assert other.fingerprint() != panel.fingerprint()


@pytest.mark.parametrize("open_", ["auto", "always"])
@pytest.mark.parametrize("cached", [False, True])
def test_days_whose_rows_hold_no_value_are_closed(open_, cached, tmp_path):
    days = pd.date_range("2024-01-01", periods=140)
    sales = ["closed" if day.day_of_week == 6 else f"{k}.5" for k, day in enumerate(days)]
    frame = pd.DataFrame({"day": days, "sales": sales, "guests": ["" if s == "closed" else 7 for s in sales]})
    frame.loc[10, ["sales", "guests"]] = "closed", ""  # a day of illness
    frame.to_csv(path := str(tmp_path / "shop.csv"), index=False)
    chosen = Settings(missing=["closed"], open=open_, target=["sales"])
    if cached:
        _, panel, roles = panel_for_training([path], chosen, Cache(tmp_path / "cache", lambda *_: None))
    else:
        panel, roles = panel_of(read_table(path, chosen.options), chosen)
    if open_ == "always":
        assert (panel.step, len(panel.values)) == (Step("fixed", DAY), 140)
        return
    assert panel.step == Step("open", DAY, slots="0-5")
    assert (panel.observations, len(panel.values)) == (119, 120)
    assert "20 rows at closed times left out (the first: 2024-01-07)" in roles.notes
