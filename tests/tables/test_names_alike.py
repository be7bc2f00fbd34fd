"""Names of series that differ in blanks alone are refused, with a command that works."""

import subprocess

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table, with_future

ROWS = [f"2024-01-{day:02},{name},{day}.5" for day in range(1, 15) for name in ("Bad", "K 1")]


def write(folder, rows):
    path = folder / "data.csv"
    path.write_text("\n".join(["date,room,value", *rows, ""]))
    return str(path)


def test_a_blank_behind_a_name_makes_no_series(tmp_path):
    path = write(tmp_path, [*ROWS[:20], *(row.replace("Bad,", "Bad ,") for row in ROWS[20:])])
    with pytest.raises(DataError, match="'Bad ' and 'Bad' differ in blanks alone") as caught:
        panel_of(read_table(path), Settings())
    assert (caught.value.kind, caught.value.row, caught.value.column) == ("alike-series", 22, "room")
    with pytest.raises(DataError, match="differ in blanks alone"):
        panel_for_training([path], Settings(), Cache(tmp_path / "kept", print))
    command = str(caught.value).partition("write them alike: ")[2].partition(" > ")[0]
    trimmed = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout
    panel, _ = panel_of(read_table(write(tmp_path, trimmed.splitlines()[1:])), Settings())
    assert (panel.keys, panel.lengths.tolist()) == ((("Bad",), ("K 1",)), [14, 14])


def test_blanks_within_a_name_are_told_without_a_command(tmp_path):
    path = write(tmp_path, [*ROWS[:20], *(row.replace("K 1", "K  1") for row in ROWS[20:])])
    with pytest.raises(DataError, match=r"'K  1' and 'K 1' differ .*; write them alike$"):
        panel_of(read_table(path), Settings())


def test_a_blank_that_the_command_would_leave_is_told_without_it(tmp_path):
    path = write(tmp_path, [*ROWS[:20], *(row.replace("Bad", "Bad\u00a0") for row in ROWS[20:])])
    with pytest.raises(
        DataError, match=r"differ in blanks alone, and would be two series; write them alike$"
    ):
        panel_of(read_table(path), Settings())


def test_letters_composed_otherwise_make_no_series(tmp_path):
    spelled = [row.replace("Bad", "Dé" if n < 20 else "De\u0301") for n, row in enumerate(ROWS)]
    path = write(tmp_path, spelled)
    with pytest.raises(DataError, match="would be two series, and are the same letters") as caught:
        panel_of(read_table(path), Settings())
    assert (caught.value.kind, caught.value.row, caught.value.column) == ("alike-series", 22, "room")
    command = str(caught.value).partition("write them alike: ")[2].partition(" > ")[0]
    composed = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout
    panel, _ = panel_of(read_table(write(tmp_path, composed.splitlines()[1:])), Settings())
    assert (panel.keys, panel.lengths.tolist()) == ((("Dé",), ("K 1",)), [14, 14])


def test_a_plan_of_letters_composed_otherwise_is_told_so(tmp_path):
    rows = [f"{row.replace('Bad', 'Dé')},{n}" for n, row in enumerate(ROWS)]
    (tmp_path / "data.csv").write_text("\n".join(["date,room,value,y", *rows]))
    settings = Settings(target="y", series="room", future="value")
    panel, roles = panel_of(read_table(str(tmp_path / "data.csv")), settings)
    for name, said in (("De\u0301", "in other characters of Unicode"), ("K 2", "Did you mean 'K 1'")):
        (tmp_path / "plan.csv").write_text(f"date,room,value\n2024-01-15,{name},1\n")
        with pytest.raises(DataError, match=f"the data has no series .*{said}"):
            with_future(panel, read_table(str(tmp_path / "plan.csv"), keys_known=True), roles, 1)


@pytest.mark.parametrize("sign", ["\u200b", "\u200e", "\u2069"])
def test_signs_without_width_make_no_series(tmp_path, sign):
    path = write(tmp_path, [*ROWS[:20], *(row.replace("Bad", f"B{sign}ad") for row in ROWS[20:])])
    said = f"'B\\\\u{ord(sign):x}ad' and 'Bad' differ in signs that cannot be seen alone"
    with pytest.raises(DataError, match=said):
        panel_of(read_table(path), Settings())


def test_a_name_that_no_model_keeps_is_refused_with_its_place(tmp_path):
    path = write(tmp_path, [*ROWS[:20], *(row.replace("Bad", "x" * 10_001) for row in ROWS[20:])])
    for read in (
        lambda: panel_of(read_table(path), Settings()),
        lambda: panel_for_training([path], Settings(), Cache(tmp_path / "kept", print)),
    ):
        with pytest.raises(DataError, match="of a series has 10,001 characters, 10,000 at most") as caught:
            read()
        assert (caught.value.kind, caught.value.row, caught.value.column) == ("not-storable", 22, "room")
        assert len(str(caught.value)) < 200
