"""A column that has another name now: the command that the message names makes a file that is read."""

import subprocess

import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.tables.read.renamed_columns import require_known_columns

# By role: of a model of one target.
KNOWN = {
    "time": "time",
    "series": "shop",
    "target": "sales",
    "past": "visits",
    "future": "promo",
    "static": "size",
}


def renamed(folder, old, new, more=()):
    path = folder / "a file.csv"
    names = [new if name == old else name for name in KNOWN.values()]
    path.write_text(",".join([*names, *more]) + "\n" + ",".join("1" for _ in [*names, *more]) + "\n")
    return path


@pytest.mark.parametrize("role", KNOWN)
@pytest.mark.parametrize(
    ("new", "more"), [("Datum", ()), ("{} 2", ("other", "third"))], ids=["the only", "alike"]
)
def test_the_command_renames_the_column(tmp_path, role, new, more):
    old = KNOWN[role]
    path = renamed(tmp_path, old, new.format(old), more)
    with pytest.raises(DataError, match=f"there is no column {old!r}") as error:
        require_known_columns(pd.read_csv(path), [*KNOWN.values()], str(path))
    assert str(error.value).startswith(f"{path}:1: there is")
    subprocess.run(["sh", "-c", str(error.value).partition("rename it: ")[2]], cwd=tmp_path, check=True)
    require_known_columns(pd.read_csv(tmp_path / "renamed.csv"), [*KNOWN.values()], "renamed.csv")


@pytest.mark.parametrize("new", ["a&b", "x/y", 'q"z'])
def test_what_sed_would_take_otherwise_is_named_without_a_command(tmp_path, new):
    path = renamed(tmp_path, "time", new)
    with pytest.raises(DataError, match=r"is it now, rename it$"):
        require_known_columns(
            pd.DataFrame(columns=[new, *list(KNOWN.values())[1:]]), [*KNOWN.values()], str(path)
        )


def test_nothing_is_guessed_where_several_columns_may_be_it(tmp_path):
    with pytest.raises(DataError, match=r"Columns: shop, aaa, bbb$"):
        require_known_columns(pd.DataFrame(columns=["shop", "aaa", "bbb"]), ["time", "shop"], "data.csv")
