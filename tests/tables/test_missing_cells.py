"""Empty cells of targets that are left missing are counted and told."""

from datetime import date, timedelta

import pytest

from lstmcli.jobs.check.verdict import check_for_training
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_for_contract, panel_of, read_table

DAYS = [date(2024, 1, 1) + timedelta(days=k) for k in range(40)]


def one(empty, mark=""):
    return ["date,y", *(f"{day},{mark if k in empty else 2 + k * 3 % 7}" for k, day in enumerate(DAYS))]


TWO = [
    "date,a,b",
    *(f"{d},{'' if k in (4, 9) else k % 7},{'' if k == 5 else k % 5}" for k, d in enumerate(DAYS)),
]
LONG = [
    "date,s,y",
    *(f"{d},{s},{'' if s == 'A' and k in (3, 8) else k % 7}" for k, d in enumerate(DAYS) for s in "AB"),
]
CASES = {
    "empty cells": (one({10, 30, 31}), {}, "3 cells in y"),
    "blanks": (one({10, 30}, " "), {}, "2 cells in y"),
    "marks": (one({10}, "NA"), {}, "1 cell in y"),
    "a number that is set": (one({10, 12}, "-9999"), {"missing": ["-9999"]}, "2 cells in y"),
    "ends of a series": (one({0, 1, 2, 20, 39}), {}, "1 cell in y"),
    "several targets": (TWO, {}, "3 cells (a 2, b 1)"),
    "several series": (LONG, {}, "2 cells in y"),
    "none": (one(set()), {}, ""),
    "the start and the end alone": (one({0, 1, 38, 39}), {}, ""),
    "gaps apart": ([line for k, line in enumerate(one({10})) if k != 20], {"on_gap": "mask"}, "1 cell in y"),
    "bins": (one({10}), {"resample": "2d=mean"}, ""),
}


@pytest.mark.parametrize("case", CASES)
def test_cells_without_a_value_are_counted_in_one_line(tmp_path, case):
    lines, given, said = CASES[case]
    path, settings = tmp_path / "t.csv", Settings(**given)
    path.write_text("\n".join(lines) + "\n")
    table = read_table(str(path), settings.options)
    panel, roles = panel_of(table, settings)
    told = [f"left missing: {said}"] if said else []
    assert [note for note in roles.notes if note.startswith("left missing")] == told
    _, notes = panel_for_contract(table, roles, panel.step)  # as predict reads
    assert [note for note in notes if note.startswith("left missing")] == told
    if "resample" not in given:
        kept = panel_for_training([str(path)], settings, Cache(tmp_path / "kept", lambda *_: None))[2]
        assert sorted(kept.notes) == sorted(roles.notes)


def test_check_tells_them_once(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(one({10, 30, 31})) + "\n")
    found = check_for_training([str(path)], Settings()).findings
    told = [finding.message for finding in found if "values missing" in finding.message]
    assert told == ["3 values missing (7.5%) in 1 series"]
