"""Tables that programs print for people are refused with a command that makes a table of them."""

import bz2
import gzip
import lzma
import math
import re
import subprocess
from datetime import datetime, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.load import load_settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import panel_of, read_table

TIMES = [datetime(2024, 3, 14) + timedelta(minutes=k) for k in range(60)]
VMSTAT = [
    "procs -----------memory---------- -----timestamp-----",
    " r  b   free   buff                 UTC",
    *(f" {k % 3}  0 {8000 + k * 7 % 11} {k} {t}" for k, t in enumerate(TIMES)),
]
VMSTAT[30:30] = VMSTAT[:2]
SAR = [
    "Linux 6.1.0 (host) \t03/14/2024 \t_x86_64_\t(8 CPU)\n",
    f"{TIMES[0]:%I:%M:%S %p}     CPU     %user     %idle",
    *(f"{t:%I:%M:%S %p}     all      {k % 5}.50     {90 - k % 5}.50" for k, t in enumerate(TIMES)),
    "Average:        all      2.12     97.50",
]
IOSTAT = [SAR[0]]
for k, t in enumerate(TIMES):
    IOSTAT += [f"{t:%m/%d/%Y %I:%M:%S %p}", "avg-cpu:  %user   %idle", "           1.12   98.50\n"]
    IOSTAT += ["Device             tps    kB_read/s", f"sda              {k}.35         1.21\n\n"]
PANDAS = ["            load  temp", "date", *(f"{t}   0.5  {k}.0" for k, t in enumerate(TIMES))]
SERIES = ["            load", "date", *(f"{t.date() + timedelta(t.minute)}   {t.minute}.0" for t in TIMES)]
TSF = ["# tourism", "@relation tourism", "@frequency monthly", "@horizon 4", "@data"]
TSF += [f"T{s}:1979-01-01 00-00-00:" + ",".join([*map(str, range(s, s + 20)), "?", "7"]) for s in (1, 5)]
PRINTED = {
    "vmstat": (VMSTAT, 1, "6 in most rows and 3 here", [float(8000 + k * 7 % 11) for k in range(60)], "3"),
    "sar": (SAR, 1, "sadf -d writes a table", [k % 5 + 0.5 for k in range(60)], "3"),
    "iostat": (IOSTAT, 1, "iostat prints", [k + 0.35 for k in range(60)], "3"),
    "pandas": (PANDAS, 2, "4 in most rows and 1 here", [float(k) for k in range(60)], "4"),
    "a printed series": (SERIES, 2, "2 in most rows and 1 here", [float(k) for k in range(60)], "2"),
    "tsf": (TSF, 2, "a line of a .tsf file holds a series", [*map(float, range(1, 21)), None, 7.0], "2"),
}


@pytest.mark.parametrize("name", PRINTED)
def test_the_command_makes_a_table_that_is_read(tmp_path, name):
    lines, row, said, wanted, column = PRINTED[name]
    (tmp_path / "a b.txt").write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=re.escape(said)) as raised:
        read_table([str(tmp_path / "a b.txt")], ReadOptions())
    assert raised.value.kind == "not-a-table" and f"a b.txt:{row}: " in str(raised.value)
    command, options = re.search(r": (awk .*), which --no-header(.*?) reads$", str(raised.value)).groups()
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    words = options.replace("--step ", "step=").replace("--set ", "").split()
    settings = load_settings(None, {}, ("header=false", f'target=["{column}"]', *words))
    panel, _ = panel_of(read_table([str(tmp_path / "table.csv")], settings.options), settings)
    values = panel.values[: panel.offsets[1]].ravel().tolist()
    assert [None if math.isnan(v) else pytest.approx(v) for v in values] == wanted


@pytest.mark.parametrize("cell", ["1 234 567", "2024-01-05 12:00:00", "5 Jan 2024", "Store 7"])
def test_cells_with_blanks_are_no_printed_table(tmp_path, cell):
    path = tmp_path / "t.csv"
    path.write_text("y\n" + f"{cell}\n" * 9)
    assert len(read_table([str(path)], ReadOptions()).frame) == 9


@pytest.mark.parametrize("name", ["log.csv.gz", "log.csv.bz2", "log.csv.xz"])
def test_the_command_for_a_packed_file_unpacks_it(tmp_path, name):
    text = "time,y\n" + "".join(f"{'RESTART' if k == 20 else t},{k}\n" for k, t in enumerate(TIMES))
    pack = {"gz": gzip, "bz2": bz2, "xz": lzma}[name.rsplit(".")[-1]]
    (tmp_path / name).write_bytes(pack.compress(text.encode()))
    with pytest.raises(DataError, match=r"without such rows: ") as raised:
        settings = load_settings(None, {}, ())
        panel_of(read_table([str(tmp_path / name)], settings.options), settings)
    command = re.search(r"without such rows: (.*dated.csv)", str(raised.value))[1]
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert (tmp_path / "dated.csv").read_text() == text.replace("RESTART,20\n", "")


@pytest.mark.parametrize("row", ["CALIBRATION,1013.2", "RESTART,", "-,7", '"ZERO, SPAN",0.0'])
def test_rows_of_words_among_dated_ones_are_left_out_by_a_command(tmp_path, row):
    path = tmp_path / "log.csv"
    rows = [f"{t},{k}" for k, t in enumerate(TIMES)]
    path.write_text("\n".join(["device 7, room 3", "time,y", *rows[:20], row, *rows[20:]]) + "\n")
    with pytest.raises(
        DataError, match=r"log.csv:23:time: .* without such rows: (awk .*dated.csv)"
    ) as raised:
        settings = load_settings(None, {}, ("skip_rows=1",))
        panel_of(read_table([str(path)], settings.options), settings)
    command = re.search(r"awk .*dated.csv", str(raised.value))[0]
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    panel, _ = panel_of(read_table([str(tmp_path / "dated.csv")], settings.options), settings)
    assert panel.values.tolist() == [float(k) for k in range(60)]
