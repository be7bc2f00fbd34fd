"""Values at closed times, as a break-in on the meter of a shop: an alarm of `watch`."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lstmcli
from lstmcli.cli.app import program
from lstmcli.errors import ConditionFailed, DataError
from lstmcli.jobs.follow import watch_stream

app = program()
DAYS = np.datetime64("2024-01-01") + np.arange(210)  # from a Monday to a Sunday


def sales(**others):
    random = np.random.default_rng(0)
    values = random.integers(60, 90, 210) + 10.0 * (np.arange(210) % 7)
    values[6::7] = 0
    for day, value in others.items():
        values[int(day[1:])] = value
    return values


def write(path, values, first=0):
    pd.DataFrame({"time": DAYS[first : len(values)], "sold": values[first:]}).to_csv(path, index=False)


@pytest.fixture
def watch(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def told(*words):
        try:
            app(["watch", "shop.csv", "-m", "builtin", "-q", *words], standalone_mode=False)
        finally:
            told.rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
        return [row for row in told.rows if row["kind"] == "closed"]

    return told


def test_a_value_on_a_closed_day_is_an_alarm(watch):
    write("shop.csv", sales(d209=45))
    (row,) = watch("--last", "7")
    assert [*row.values()] == ["2024-07-28", "45.0", "0.0", "0.0", "0.0", "", "closed", "begins"]
    with pytest.raises(ConditionFailed, match="sold: 45 at 2024-07-28, a closed time"):
        watch("--last", "1", "--fail-on", "alarm")
    assert not watch("--last", "1", "--set", "open=always")
    write("shop.csv", sales())
    assert not watch("--last", "7")


def test_only_rows_that_are_judged_are_told(watch):
    write("shop.csv", sales(d202=45))
    assert len(watch("--last", "7")) == 1 and not watch("--last", "5")
    assert len(watch("--since", "2024-07-21")) == 1 and not watch("--since", "2024-07-22")


def test_a_state_tells_a_value_once(watch):
    write("shop.csv", sales(d202=45)[:200])
    watch("--state", "s")
    write("shop.csv", sales(d202=45)[:203])
    assert [row["time"] for row in watch("--state", "s")] == ["2024-07-21"]
    assert not watch("--state", "s")
    write("shop.csv", sales(d202=45, d209=50), first=201)  # a log that begins anew
    assert [row["time"] for row in watch("--state", "s")] == ["2024-07-28"]


def test_a_log_of_closed_times_alone_is_watched(watch):
    write("shop.csv", sales()[:200])
    watch("--state", "s")
    write("shop.csv", sales()[:203], first=202)
    assert watch("--state", "s") == [] and watch.rows == []
    write("shop.csv", sales(d202=45)[:203], first=202)
    assert [row["time"] for row in watch("--state", "s")] == ["2024-07-21"]
    assert not watch("--state", "s")
    write("shop.csv", sales()[:209], first=203)
    watch("--state", "s")
    assert {row["kind"] for row in watch.rows} <= {"late"}


def test_a_closed_time_that_is_written_twice_is_one_value(watch):
    write("shop.csv", sales(d202=45))
    rows = (here := Path("shop.csv")).read_text().splitlines()
    here.write_text("\n".join([*rows[:204], *rows[203:]]))
    (row,) = watch("--last", "7")
    assert (row["time"], row["expected"]) == ("2024-07-21", "0.0")
    assert lstmcli.builtin().predict(pd.read_csv(here), horizon=7)["forecast"].tolist()[-1] == 0


@pytest.mark.parametrize("day", ["2034-07-22", "2034-07-23"])
def test_a_row_of_a_wrong_year_is_not_taken_into_the_state(watch, day):
    """Be it at an open time or a closed one: all later rows would be older."""
    write("shop.csv", sales()[:200])
    watch("--state", "s")
    before = Path("s").read_bytes()
    Path("shop.csv").write_text(f"time,sold\n{day},60\n")
    with pytest.raises(DataError, match=f"{day} is more than 1,024 steps behind 2024-07-18"):
        watch("--state", "s")
    assert Path("s").read_bytes() == before


def test_an_alarm_goes_on_while_a_shop_is_closed(watch, capsys):
    values = sales()[:203]
    values[198:] = 500
    values[202] = 0
    write("shop.csv", values[:202])
    watch("--state", "s")
    write("shop.csv", values, first=202)
    app(
        ["watch", "shop.csv", "-m", "builtin", "--state", "s", "--format", "prom", "-q"],
        standalone_mode=False,
    )
    assert 'lstmcli_alarm{series="sold",kind="stuck"} 1' in capsys.readouterr().out


def test_a_log_may_hold_closed_times_of_one_series_and_open_ones_of_another(watch):
    def rows(first, last, **values):
        shops = (("A", {}), ("B", values))
        frames = [pd.DataFrame({"time": DAYS, "shop": s, "sold": sales(**v)}) for s, v in shops]
        return pd.concat([frames[0][first[0] : last], frames[1][first[1] : last]])

    rows((0, 0), 200).to_csv("shop.csv", index=False)
    watch("--state", "s")
    rows((200, 202), 203, d202=45).to_csv("shop.csv", index=False)
    assert [(row["time"], row["shop"]) for row in watch("--state", "s")] == [("2024-07-21", "B")]
    assert not watch("--state", "s")


def test_a_row_where_none_is_usual_is_told_too(watch):
    """Of a shop that writes no rows for Sundays."""
    every = pd.DataFrame({"time": DAYS, "sold": sales(d209=45)})
    every[every["sold"] > 0].to_csv("shop.csv", index=False)
    (row,) = watch("--last", "3")
    assert (row["time"], row["value"], row["expected"]) == ("2024-07-28", "45.0", "")
    every[(every["sold"] > 0) & (every.index < 200)].to_csv("shop.csv", index=False)
    watch("--state", "s")
    every[209:].to_csv("shop.csv", index=False)
    assert [row["time"] for row in watch("--state", "s")] == ["2024-07-28"]
    assert not watch("--state", "s")


def test_days_that_were_open_more_often_than_the_budget_allows_are_not_told(watch):
    values = np.tile(sales(), 3)
    values[[20, 300, 629]] = 45  # of 90 Sundays
    times = DAYS[0] + np.arange(630)
    pd.DataFrame({"time": times, "sold": values}).to_csv("shop.csv", index=False)
    assert len(watch("--last", "7", "--alarms", "2/year")) == 1
    assert not watch("--last", "7", "--alarms", "1/year")


def test_values_are_told_of_their_series():
    shops = pd.concat(
        [
            pd.DataFrame({"time": DAYS, "shop": s, "sold": sales(**v)})
            for s, v in (("A", {}), ("B", {"d209": 7}))
        ]
    )
    found = lstmcli.builtin().watch(shops, last=3)
    assert found.loc[found["kind"] == "closed", ["shop", "value"]].to_numpy().tolist() == [["B", 7.0]]


def test_a_stream_tells_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write("past.csv", sales()[:200])
    lines = [f"{day},{value}" for day, value in zip(DAYS, sales(d202=45, d209=50), strict=True)]

    def judged(rows, *words):
        monkeypatch.setattr(watch_stream, "standard_input", lambda: 0)
        monkeypatch.setattr(watch_stream, "bursts", lambda *_, **__: ([row.encode()] for row in rows))
        app(
            ["predict", "-", "-m", "builtin", "--follow", "--watch", *words, "--state", "s"],
            standalone_mode=False,
        )
        printed = capsys.readouterr()
        return [
            row for row in csv.DictReader(io.StringIO(printed.out)) if row["kind"] == "closed"
        ], printed.err

    rows, _ = judged(lines[200:206], "--history", "past.csv")
    assert [(row["time"], row["value"], row["alarm"]) for row in rows] == [("2024-07-21", "45.0", "begins")]
    rows, said = judged(["time,sold", lines[202]])
    assert rows == [] and "45 at 2024-07-21, a closed time of zeros, is left out" in said
    rows, said = judged(["time,sold", "2034-07-23,7"])
    assert rows == [] and "correct its time; the row is skipped [far-ahead]" in said
    rows, _ = judged(["time,sold", *lines[206:]])
    assert [row["time"] for row in rows] == ["2024-07-28"]
