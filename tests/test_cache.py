"""`--cache`: the panel read in pieces is that of the whole table, and is kept."""

import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lstmcli import errors
from lstmcli.config import Settings
from lstmcli.tables import for_model, panel_of, read, time_pattern
from lstmcli.tables.cache import (
    columns,
    panel_for_model,
    panel_for_training,
    pieces,
    reuse,
    series,
    store,
    times,
)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    """So that small tables have many pieces, blocks and buckets."""
    monkeypatch.setattr(pieces, "CELLS", 60)
    monkeypatch.setattr(series, "BUCKET", 40)
    monkeypatch.setattr(reuse, "SMALL", -1)
    for module in (columns, series, store, times):
        monkeypatch.setattr(module, "BLOCK", 32)


def hours(count, first="2024-03-01"):
    return pd.date_range(first, periods=count, freq="h").strftime("%Y-%m-%d %H:%M:%S")


def long_table(count=30, names="abcd", seed=0):
    """Hourly rows of several series, one after the other."""
    random = np.random.default_rng(seed)
    frames = [
        pd.DataFrame(
            {
                "time": hours(count + 3 * number),
                "shop": name,
                "y": random.normal(size=count + 3 * number).round(3),
                "price": random.integers(1, 9, count + 3 * number),
                "weather": random.choice(["sun", "rain", "fog"], count + 3 * number),
                "size": number,
                "town": f"town {number % 2}",
            }
        )
        for number, name in enumerate(names)
    ]
    return pd.concat(frames, ignore_index=True)


COVARIATES = {"past": ("weather",), "future": ("price",), "static": ("size", "town")}


def wide(count=90):
    table = long_table(count, "a")[["time", "y", "price"]]
    table.loc[:4, "price"] = np.nan
    table.loc[50:52, "y"] = np.nan
    return table


def stamps(form, count=90, step="h", first="2024-03-01 05:00", zone=None):
    index = pd.date_range(first, periods=count, freq=step, tz=zone)
    written = [form(t) for t in index] if callable(form) else index.strftime(form)
    return pd.DataFrame({"when": written, "y": np.arange(count) % 7 + 0.5})


def sparse(frame, every):
    return frame[np.arange(len(frame)) % every != 3]


def late_text(rows=3100):
    """A column of numbers in which something else comes late."""
    frame = pd.DataFrame({"t": np.arange(rows), "y": np.arange(rows) % 5, "other": "1"})
    frame.loc[rows - 5, "other"] = "x1"
    return frame


TABLES = {
    "grouped": (long_table(), {}),
    "covariates": (long_table(), COVARIATES),
    "interleaved": (long_table().sort_values("time", kind="stable"), COVARIATES),
    "shuffled": (long_table().sample(frac=1, random_state=1), COVARIATES),
    "named": (long_table(), {"time": "time", "series": ("shop",), "target": ("y",)}),
    "two keys": (long_table().assign(kind=lambda t: t["size"] % 3), {"series": ("town", "kind")}),
    "three keys": (
        long_table().assign(kind=lambda t: t["size"] // 2, one="x"),
        {"series": ("one", "kind", "town")},
    ),
    "number keys": (long_table(names="abc").assign(shop=lambda t: 40 - t["size"]).drop(columns="town"), {}),
    "fraction keys": (long_table().assign(shop=lambda t: t["size"] / 4), {"series": ("shop",)}),
    "two targets": (wide(), {}),
    "two targets, series": (long_table(), {"target": ("price", "y")}),
    "two targets, past": (wide().assign(p=1.5, w="x"), {"target": ("price", "y"), "past": ("p", "w")}),
    "missing": (long_table().assign(y=lambda t: t["y"].where(t.index % 11 != 4)), {}),
    "whole, then not": (long_table().assign(y=[*range(100), *[0.5] * 38]), {}),
    "code as category": (long_table(), {"past": ("price",), "categorical": ("price",)}),
    "number category with holes": (
        long_table().assign(price=lambda t: t["price"].where(t["price"] > 2, 7.0)),
        {"past": ("price",), "categorical": ("price",)},
    ),
    "flags": (long_table().assign(flag=lambda t: t["price"] > 4), {"past": ("flag",)}),
    "gaps masked": (sparse(long_table(), 7), {**COVARIATES, "on_gap": "mask"}),
    "gaps filled": (sparse(long_table(), 7), {**COVARIATES, "on_gap": "fill"}),
    "gaps in a lone series": (sparse(wide(), 7), {"on_gap": "fill"}),
    "rows ahead": (long_table().assign(y=lambda t: t["y"].where(t["time"] < "2024-03-02")), COVARIATES),
    "one at a time": (stamps("%Y-%m-%d", step="D"), {}),
    "day first": (stamps("%d/%m/%Y", step="D", first="2024-03-01"), {}),
    "month first": (stamps("%m/%d/%Y", step="D", first="2024-03-01"), {}),
    "day first, said": (stamps("%d/%m/%Y", 9, step="D"), {"day_first": True}),
    "mixed precision": (stamps(lambda t: str(t) if t.hour else str(t.date())), {}),
    "mixed fractions": (
        stamps(lambda t: t.isoformat(timespec="milliseconds" if t.second % 5 == 2 else "seconds"), step="1s"),
        {},
    ),
    "offsets": (stamps(lambda t: t.isoformat(), zone="America/New_York"), {}),
    "offsets that change": (stamps(lambda t: t.isoformat(), 300, zone="America/New_York"), {}),
    "local days": (stamps(lambda t: t.isoformat(), step="D", zone="America/New_York"), {}),
    "utc days": (stamps("%Y-%m-%dT%H:%M:%SZ", step="D"), {}),
    "zone": (stamps("%Y-%m-%d %H:%M", 300, zone="Europe/Berlin"), {"timezone": "Europe/Berlin"}),
    "zone in autumn": (
        stamps("%Y-%m-%d %H:%M", 300, first="2024-10-22", zone="Europe/Berlin"),
        {"timezone": "Europe/Berlin"},
    ),
    "zone backwards": (
        stamps("%Y-%m-%d %H:%M", 300, first="2024-10-22", zone="Europe/Berlin")[::-1],
        {"timezone": "Europe/Berlin"},
    ),
    "offsets to a zone": (
        stamps(lambda t: t.isoformat(), zone="America/New_York"),
        {"timezone": "Europe/Berlin"},
    ),
    "plain steps": (stamps("%Y").assign(when=range(7, 97)).rename(columns={"when": "step"}), {}),
    "years": (stamps("%Y", step="YE", first="1900-01-01"), {"time": "when"}),
    "spelled dates": (stamps("%Y%m%d", step="D"), {"time": "when"}),
    "spelled hours in a zone": (
        stamps("%Y%m%d%H", zone="Europe/Berlin"),
        {"time": "when", "timezone": "Europe/Berlin"},
    ),
    "almost spelled": (stamps("%Y").assign(when=range(20240101, 20240191)), {"time": "when"}),
    "epoch": (stamps(lambda t: int(t.timestamp())), {"time": "when"}),
    "milliseconds": (stamps(lambda t: int(t.timestamp()) * 1000), {"time": "when"}),
    "quarters": (stamps(lambda t: f"{t.year}Q{t.quarter}", 40, step="QS"), {}),
    "weeks": (stamps("%G-W%V", 60, step="W"), {}),
    "months": (stamps("%Y-%m", 60, step="MS"), {}),
    "business days": (stamps("%Y-%m-%d", 60, step="B"), {}),
    "no times": (long_table()[["y", "price"]], {"step": "1h"}),
    "no times, series": (long_table().drop(columns="time"), {"time": "none", "step": "1h"}),
    "late text": (late_text(), {"target": ("y",)}),
    "late text as a category": (
        late_text(),
        {"target": ("y",), "past": ("other",), "categorical": ("other",)},
    ),
    "given step": (wide()[["time", "y"]].iloc[::2], {"step": "1h", "on_gap": "mask"}),
    "empty rows": (
        pd.concat([wide(), pd.DataFrame({"time": [None] * 9})]).sample(frac=1, random_state=3),
        {},
    ),
    "empty column": (wide().assign(nothing=None), {}),
    "late column": (wide(3200).assign(late=lambda t: t["y"].where(t.index > 3150)), {"target": ("y",)}),
    "resampled": (wide(), {"resample": "3h=mean"}),
    **{
        f"repeats, {how}": (
            pd.concat([long_table(), long_table(seed=1).iloc[5:60]]).sample(frac=1, random_state=2),
            {"series": ("shop",), "past": ("price", "weather"), "on_duplicate": how, "target": ("y",)},
        )
        for how in ("first", "last", "mean")
    },
    "repeats, auto": (
        pd.concat([long_table(), long_table().iloc[5:60]]).drop(columns=["weather", "town"]),
        {"on_duplicate": "first", "target": ("y",)},
    ),
}


def both_ways(path, settings, folder, said=None):
    """What is read with and without a cache."""
    table = read(path, settings.options)
    panel, roles = panel_of(table, settings)
    note = (lambda *fact: said.append(fact)) if said is not None else (lambda *fact: None)
    names = [path] if isinstance(path, str) else path
    return (table, panel, roles), panel_for_training(names, settings, folder, note)


def assert_same(whole, kept):
    table, panel, roles = whole
    other, other_panel, other_roles = kept
    assert other_panel.fingerprint() == panel.fingerprint()
    for name in ("starts", "offsets", "lengths", "values", "past", "future", "static"):
        ours, theirs = getattr(other_panel, name), getattr(panel, name)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), name
    assert [c.codes.dtype for c in other_panel.categories] == [c.codes.dtype for c in panel.categories]
    assert other_roles == roles
    assert (other.notes, other.source) == (table.notes, table.source)
    assert time_pattern(other, roles.time) == time_pattern(table, roles.time)


@pytest.mark.parametrize("name", TABLES)
def test_panel_is_that_of_the_whole_table(tmp_path, name):
    frame, settings = TABLES[name]
    path, chosen = str(tmp_path / "data.csv"), Settings(**settings)
    frame.to_csv(path, index=False)
    said = []
    whole, kept = both_ways(path, chosen, tmp_path / "cache", said)
    assert_same(whole, kept)
    assert [text.startswith("made ") for _, text in said] == [True] if name != "resampled" else [False, True]
    assert_same(
        whole, panel_for_training([path], chosen, tmp_path / "cache", lambda *fact: said.append(fact))
    )
    assert said[-1][1].startswith("read from ")
    contract = replace(whole[2], notes=())
    model = panel_for_model([path], chosen.options, False, contract, whole[1].step, tmp_path / "cache", print)
    assert model[1].fingerprint() == whole[1].fingerprint()
    fresh = panel_for_model([path], chosen.options, False, contract, whole[1].step, tmp_path / "new", print)
    expected, notes = for_model(read(path, chosen.options), contract, whole[1].step)
    assert fresh[1].fingerprint() == expected.fingerprint()
    assert fresh[2] == notes
