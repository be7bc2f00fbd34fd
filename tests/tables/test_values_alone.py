"""Files that hold values and no times: without a name above them, with a comma in them, or in one line."""

import re
import subprocess

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import panel_of, read_table


def values(path, **settings):
    """The values of one series, whose rows are counted."""
    made = Settings(time="none", step="1h", **settings)
    return panel_of(read_table([str(path)], made.options), made)[0].values.ravel().tolist()


LIST = "".join(f"{100 + k % 9}.5\n" for k in range(60))


@pytest.mark.parametrize("text", [f"100.0\n{LIST}100.0\n{LIST}", "7\n8\n7\n9\n7\n6\n", "0\n1.5\n2.5\n3.5\n"])
def test_a_number_above_numbers_is_no_header(tmp_path, text):
    path = tmp_path / "values.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=r"values.txt:1: .*: --no-header; .*: --set skip_rows=1 --no-header"):
        read_table([str(path)], ReadOptions())
    numbers = [float(line) for line in text.split()]
    assert values(path, header=False) == numbers
    assert values(path, header=False, skip_rows=1) == numbers[1:]


COMMAS = "".join(f"{100 + 7 * k % 90},{k % 10}\n" for k in range(60))


@pytest.mark.parametrize("header", [True, False])
def test_a_comma_of_decimals_or_between_columns_is_asked_for(tmp_path, header):
    path = tmp_path / "values.txt"
    path.write_text(COMMAS)
    with pytest.raises(DataError, match=r"'100,0' may be one number or two: .* decimal=, .* separator=,"):
        read_table([str(path)], ReadOptions(header=header))
    assert values(path, header=False, decimal=",")[:2] == [100.0, 107.1]
    two = read_table([str(path)], ReadOptions(header=False, separator=","))
    assert list(two.frame) == ["1", "2"]


def test_rows_that_are_counted_are_two_columns(tmp_path):
    path = tmp_path / "values.txt"
    path.write_text("".join(f"{k},{k % 7}\n" for k in range(1, 40)))
    assert list(read_table([str(path)], ReadOptions(header=False)).frame) == ["1", "2"]


def test_a_name_above_numbers_with_a_comma(tmp_path):
    path = tmp_path / "values.txt"
    path.write_text(f"Wert\n{COMMAS}")
    with pytest.raises(DataError, match=r":2: .* the comma in '100,0' marks decimals: --set decimal=,$") as e:
        read_table([str(path)], ReadOptions())
    assert e.value.mends == ({"decimal": ","},)
    assert values(path, decimal=",")[:2] == [100.0, 107.1]


@pytest.mark.parametrize("sign", [",", ";", "\t", " "])
@pytest.mark.parametrize("header", [True, False])
def test_values_in_one_line(tmp_path, sign, header):
    path, made = tmp_path / "values.txt", tmp_path / "values.csv"
    path.write_text(sign.join(f"{100 + k}.5" for k in range(96)) + "\n")
    with pytest.raises(DataError, match="all 96 values stand in one line") as error:
        read_table([str(path)], ReadOptions(header=header))
    command = re.search(r"tr .* > values.csv", str(error.value))
    subprocess.run(command[0], shell=True, check=True, cwd=tmp_path)
    assert read_table([str(made)], ReadOptions(header=False)).frame.shape == (96, 1)
