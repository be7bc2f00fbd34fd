"""Texts in other encodings than UTF-8: the refusal names the right one, which then reads the file."""

import pytest

from lstmcli.errors import DataError, SettingsError
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings
from lstmcli.tables.read import read_table

CASES = {
    "gbk": ["日期,销量", "时间,城市,温度", "年月,用电量（千瓦时）"],
    "big5": ["日期,銷售額", "城市,氣溫"],
    "shift_jis": ["日付,売上高", "年月日時,気温(℃)", "時刻,カテゴリ,数量"],
    "euc_kr": ["날짜,판매량", "지역,기온", "일시,평균기온(°C)", "일자,매출"],
    "cp1250": ["data,sprzedaż,zużycie", "Čas,Spotřeba,Cena (Kč)", "Dátum,Hőmérséklet"],
    "cp1251": ["Дата,Продажи", "ДАТА,ЗНАЧЕНИЕ", "Месяц,Продажи (тыс. руб.)"],
    "koi8-r": ["Дата,Продажи"],
    "cp1253": ["Ημερομηνία,Πωλήσεις"],
    "cp1255": ["תאריך,מכירות"],
    "latin-1": ["Jahr,Größe", "date,Température (°C)", "Fecha,Ubicación,Año"],
    "cp1252": ["date,Preis €", "Zählerstand – alt,Größe"],
    "cp850": ["Datum,Wärme,Verbräuche"],
    "mac_roman": ["date,Température"],
}


def written(folder, header, encoding, rows=5):
    path = folder / "data.csv"
    width = header.count(",")
    text = header + "\n" + "".join(f"2024-01-0{d}{',1.5' * width}\n" for d in range(1, rows + 1))
    path.write_bytes(text.encode(encoding))
    return str(path)


@pytest.mark.parametrize(("encoding", "header"), [(e, h) for e, hs in CASES.items() for h in hs])
def test_the_likeliest_encoding_is_named_first(tmp_path, encoding, header):
    path = written(tmp_path, header, encoding)
    with pytest.raises(DataError, match=rf"data.csv:1: .* --set encoding={encoding} \(reads ") as caught:
        read_table(path)
    assert caught.value.mends[0] == {"encoding": encoding}
    table = read_table(path, Settings(encoding=encoding).options)
    assert list(table.frame.columns) == header.split(",")


def test_several_encodings_are_shown_by_what_they_read(tmp_path):
    path = written(tmp_path, "Tarih,Satış", "cp1254")
    with pytest.raises(DataError, match=r"cp1254 \(reads 'Satış'\)"):
        read_table(path)


@pytest.mark.parametrize(
    ("encoding", "said"), [("gbk", "not GBK text.*--set encoding=utf-8"), ("ascii", "utf-8")]
)
def test_a_wrong_encoding_is_told_from_the_right_one(tmp_path, encoding, said):
    path = written(tmp_path, "날짜,y,größe", "utf-8")
    with pytest.raises(DataError, match=said):
        read_table(path, Settings(encoding=encoding).options)


def test_damaged_bytes_are_no_other_encoding(tmp_path):
    path = tmp_path / "data.csv"
    rows = "".join(f"2024-01-{d:02},Zürich,1\n" for d in range(1, 20)).encode()
    path.write_bytes(b"date,city,y\n" + rows.replace("ü".encode(), b"\xc3", 1))
    with pytest.raises(DataError, match=r"data.csv:2: some bytes are damaged.*iconv -c"):
        read_table(str(path))


def test_wide_characters_without_a_mark_whose_names_are_chinese(tmp_path):
    path = written(tmp_path, "日期,销量", "utf-16-le")
    assert list(read_table(path).frame.columns) == ["日期", "销量"]


@pytest.mark.parametrize("name", ["foo", "hex", "rot13"])
def test_what_is_no_encoding_is_refused_as_a_setting(name):
    with pytest.raises(SettingsError, match="encoding that Python knows"):
        load_settings(None, {}, (f"encoding={name}",))


@pytest.mark.parametrize("end", ["", "ü,2\n", "cut"])
def test_a_long_text_of_utf_8_is_checked_wherever_it_is_cut(tmp_path, end):
    """Characters of two bytes stand where pieces of the file end, and one is cut at its end."""
    path = tmp_path / "data.csv"
    rows = "".join(f"a{n % 7},ü{n % 13}é\n" for n in range(40_000))
    content = (f"x{end}y,z\n{rows}" if end == "cut" else f"xy,z\n{rows}{end}").encode()
    path.write_bytes(content[:-2] if end == "cut" else content)
    if end == "cut":
        with pytest.raises(DataError, match=r"data.csv:40001: some bytes are damaged"):
            read_table(str(path))
    else:
        cells = read_table(str(path)).frame
        assert len(cells) == 40_000 + bool(end)
        assert cells.iloc[39_999].tolist() == ["a1", "ü11é"]
