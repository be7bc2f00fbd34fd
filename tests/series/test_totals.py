"""Which series are said to be the sum of others."""

import numpy as np
import pytest

from lstmcli.jobs.builtin import open_builtin
from lstmcli.series.calendar import find_step
from lstmcli.series.panel import Panel
from lstmcli.series.totals import total_notes, with_totals
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read.for_contract import read_by_contract

DAYS = np.datetime64("2024-01-01") + np.arange(20)
A, B = np.arange(20.0), np.arange(20.0) ** 2 + 1


def panel(series, starts=None):
    """series: by key; starts: days left out at the start of each."""
    lengths = [len(values) for values in series.values()]
    begin = [DAYS[(starts or {}).get(key, 0)] for key in series]
    return Panel(
        key_names=tuple("ab"[: len(next(iter(series)))]),
        keys=tuple(series),
        step=find_step(DAYS.astype("datetime64[us]")),
        starts=np.array(begin, "datetime64[us]"),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        lengths=np.array(lengths, np.int64),
        values=np.concatenate([*series.values()]),
        past=np.zeros((sum(lengths), 0), np.float32),
        future=np.zeros((sum(lengths), 0), np.float32),
    )


@pytest.mark.parametrize(
    ("series", "total"),
    [
        ({("A",): A, ("B",): B, ("Total",): A + B}, "Total"),
        ({("Grand Total",): A + B, ("A",): A, ("B",): B}, "Grand Total"),
        ({("x", "A"): A, ("x", "B"): B, ("x", "All"): A + B, ("y", "A"): B}, "x All"),
        ({("A",): A, ("B",): B, ("Total",): A + 2 * B}, None),
        ({("A",): A, ("B",): B, ("C",): A + B}, None),
        ({("A",): A, ("Total",): A}, None),
    ],
)
def test_a_series_called_a_total_is_told_where_it_is_the_sum(series, total):
    notes = total_notes(panel(series))
    assert [note.partition(" is the sum")[0] for note in notes] == ([f"series {total}"] if total else [])


NORTH, SOUTH = {("N", "A"): A, ("N", "B"): B}, {("S", "C"): A + 3, ("S", "D"): 2 * B + 1}
SUMS = [A + B, A + 2 * B + 4]


@pytest.mark.parametrize(
    ("series", "names"),
    [
        (
            {
                **NORTH,
                ("Summe N", "-"): SUMS[0],
                **SOUTH,
                ("Summe S", "-"): SUMS[1],
                ("Gesamt", "-"): sum(SUMS),
            },
            "Summe N -, Summe S -, Gesamt -",
        ),
        ({("N Total", ""): SUMS[0], **NORTH, ("S Total", ""): SUMS[1], **SOUTH}, "N Total , S Total "),
        (
            {**NORTH, ("N", "N Ergebnis"): SUMS[0], ("S", "C"): B, ("S", "S Ergebnis"): B},
            "N N Ergebnis, S S Ergebnis",
        ),
    ],
)
def test_totals_of_groups_are_told_with_that_of_all(series, names):
    assert total_notes(panel(series)) == (
        f"series {names} are sums of others: they are forecast as well; --set totals=drop leaves them out",
    )


def test_totals_are_left_out_and_counted():
    whole = panel({**NORTH, ("Summe N", ""): SUMS[0], **SOUTH, ("Gesamt", ""): sum(SUMS)})
    assert with_totals(whole, "keep") == (whole, ())
    kept, notes = with_totals(whole, "drop")
    assert kept.keys == (*NORTH, *SOUTH) and kept.history(2).tolist() == (A + 3).tolist()
    assert notes == ("2 series that are sums of others left out (totals=drop): Summe N, Gesamt",)
    assert with_totals(kept, "drop") == (kept, ())


def test_a_model_leaves_totals_out_as_its_training_did(tmp_path):
    """Read at once, by way of a cache, and by the contract of a model."""
    rows = [
        (day, name, v)
        for name, vs in (("A", A), ("B", B), ("Total", A + B))
        for day, v in zip(DAYS, vs, strict=True)
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["day,shop,sold", *(f"{day},{name},{v}" for day, name, v in rows)]))
    settings = Settings(totals="drop")
    said = "1 series that is the sum of others left out (totals=drop): Total"
    model, given = open_builtin([str(path)], settings)
    assert given.panel.keys == (("A",), ("B",)) and said in given.notes
    cached = panel_for_training([str(path)], settings, Cache(tmp_path / "c", lambda *words: None))
    assert cached[1].keys == given.panel.keys and said in cached[2].notes
    again = read_by_contract(model.contract, [str(path)], model.contract.options)
    assert again.panel.keys == given.panel.keys and said in again.notes


@pytest.mark.parametrize("name", ["Summe N", "Total Wine", "Summer sales", "Sum of it"])
def test_a_name_alone_makes_no_total(name):
    assert not total_notes(panel({("A",): A, ("B",): B, (name,): A + 2 * B}))


def test_series_that_begin_late_are_added_where_they_are():
    late = {("A",): A, ("B",): B[5:], ("Total",): A + np.where(np.arange(20) < 5, 0, B)}
    assert total_notes(panel(late, {("B",): 5}))
