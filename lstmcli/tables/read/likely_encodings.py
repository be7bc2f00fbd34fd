"""Which encodings bytes may be of that are no UTF-8: those that make letters of them as words have these.

Written by hand: the packages that guess encodings are large, and are asked here for a few words of a header.
"""

import re
import shlex
from collections.abc import Sequence

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.tables.read.cell_kinds import TIME_WORDS

_MOST_OFFERED = 3
_MOST_WORDS = 200  # that are looked at
_NEAR = 0.2  # below the best, that is still offered
# Latin ones in the order in which they are met, with what speaks against each beforehand.
_LATIN = {"cp1252": 0.0, "cp1250": 0.05, "cp1254": 0.15, "cp1257": 0.3, "mac_roman": 0.3, "cp850": 0.3}
_LETTERS = {
    "cp1251": ("Ѐ", "ӿ"),
    "koi8_r": ("Ѐ", "ӿ"),
    "cp866": ("Ѐ", "ӿ"),
    "cp1253": ("Ͱ", "Ͽ"),
    "cp1255": ("\u0590", "\u05ff"),
    "cp1256": ("\u0600", "\u06ff"),
}
# First bytes of the characters that are used most, of those of two bytes.
_USUAL = {"gbk": (0xB0, 0xD7), "cp949": (0xB0, 0xC8), "big5": (0xA4, 0xC6), "cp932": (0x82, 0x97)}
# What headers are full of.
_COMMON = {
    "gbk": "日期时间年月周天号数量价格金额销售产品名称城市地区"
    "温度用电总收盘开最高低成交值店类型编序客户单站点水气",
    "big5": "日期時間年月週天號數量價格金額銷售產品名稱城市地區"
    "溫度用電總收盤開最高低成交值店類型編序客戶單站點水氣",
    "cp949": "날짜시간일년월분기주가격수량금액매출판제품명지역도"
    "온습전력사용총합계종고저거래값점류번호객측정최평균연자출원명대건",
    "cp932": "日付時間年月週日曜数量価格金額売上製品名称市区地域"
    "温度電力使用合計終始高安出来値店種別番号顧客気水の",
}
_NAMES = {"cp932": "shift_jis", "cp949": "euc_kr", "koi8_r": "koi8-r"}
_SIGNS = frozenset("°€£¥§µ·²³½¼¾±×–—‘’“”„«»…©®™№")  # that stand alone
_RARE = frozenset("ìòÈÌÒÙÛðþýÐÞÝõøØÕ")  # letters of cp1252 that few languages have
_BROKEN = "\ufffd"
_WHOLE_LINES = 0.3  # of the others, at least, where a text is UTF-8 that was damaged
_MIXED = re.compile(r"[A-Za-z][^\x00-\x7f][a-z]|[a-z][^\x00-\x7f]$|^[^\x00-\x7f][a-z]")
_IN_CELLS = re.compile(r"[,;|\t\r\n\"]+")


def encoding_error(path: str, encoding: str, lines: Sequence[bytes], row: int | None) -> DataError:
    """What to say of a text that is not of an encoding, and what to type.

    lines: some that are not ASCII; row: of the first that cannot be read.
    """
    if encoding.lower().startswith("utf") and (shown := _damaged(lines)):
        said = f"some bytes are damaged ({quoted(shown[:30])}), others are {encoding.upper()} text; "
        said += "put them right, "
        said += f"or leave them out: iconv -c -f utf-8 -t utf-8 {shlex.quote(path)}"
        return DataError("encoding", said, path=path, row=row)
    found = likely_encodings(lines)
    said = f"not {encoding.upper()} text; name the encoding, as --set encoding="
    if not found:
        return DataError("encoding", f"{said}latin-1", path=path, row=row)
    said += ", or ".join(f"{name} (reads {quoted(cell)})" for name, cell in found)
    return DataError("encoding", said, path=path, row=row).mended_by(
        *({"encoding": name} for name, _ in found)
    )


def _damaged(lines: Sequence[bytes]) -> str:
    """A damaged cell of UTF-8 text; "" where the text is of another encoding, some pairs of whose bytes may
    be characters of UTF-8 by chance."""
    texts = [line.decode("utf-8", "replace") for line in lines]
    bad = [text for text in texts if _BROKEN in text]
    broken = sum(text.count(_BROKEN) for text in bad)
    signs = sum(not sign.isascii() for text in texts for sign in text)
    if len(texts) - len(bad) < _WHOLE_LINES * len(bad) and signs - broken < 2 * broken:
        return ""
    return next((cell.strip() for cell in _IN_CELLS.split("\n".join(bad)) if _BROKEN in cell), "")


def likely_encodings(lines: Sequence[bytes]) -> list[tuple[str, str]]:
    """Names of encodings, the likeliest first, each with how it reads a cell of the lines; none where no
    encoding makes words of them. lines: some that are no UTF-8."""
    raw = b"\n".join(lines)
    try:
        return [("utf-8", _cells(["utf-8"], {"utf-8": raw.decode()})[0])]
    except UnicodeError:
        pass
    scores: dict[str, float] = {}
    texts: dict[str, str] = {}
    for encoding in (*_LATIN, *_LETTERS, *_USUAL):
        try:
            texts[encoding] = raw.decode(encoding)
        except UnicodeError:
            continue
        scores[encoding] = _score(texts[encoding], encoding)
    least = max(0.0, max(scores.values(), default=0.0) - _NEAR)
    near = [name for name in sorted(scores, key=lambda name: -scores[name]) if scores[name] > least]
    first: dict[str, str] = {}  # of those that read alike
    for name in near:
        first.setdefault(texts[name], name)
    offered = list(first.values())[:_MOST_OFFERED]
    return [(_called(name, raw), cell) for name, cell in zip(offered, _cells(offered, texts), strict=True)]


def _called(encoding: str, raw: bytes) -> str:
    """Latin-1 has no signs where Windows has the euro and quotes."""
    if encoding == "cp1252" and not any(0x80 <= byte < 0xA0 for byte in raw):
        return "latin-1"
    return _NAMES.get(encoding, encoding)


def _cells(offered: Sequence[str], texts: dict[str, str]) -> list[str]:
    """How each encoding reads the first cell that is not ASCII, one that tells them apart if there is any."""
    read = [_IN_CELLS.split(texts[name]) for name in offered]
    rows = [row for row in zip(*read, strict=False) if not all(map(str.isascii, row))]
    chosen = max(rows, key=lambda row: len(set(row)), default=("",) * len(offered))
    return [cell.strip()[:30] for cell in chosen]


def _score(text: str, encoding: str) -> float:
    """How much the signs of a text that are not ASCII look like words: at most 1, more for words of time."""
    words = [word for word in re.findall(r"[^\s,;|\"()/]+", text) if not word.isascii()][:_MOST_WORDS]
    known = float(any(word.lower() in TIME_WORDS for word in words))
    signs = max(1, sum(not sign.isascii() for word in words for sign in word))
    fits = _fitting_pair if encoding in _USUAL else _fitting
    return known + sum(fits(word, encoding) for word in words) / signs - _LATIN.get(encoding, 0.05)


def _fitting_pair(word: str, encoding: str) -> float:
    """How many characters of two bytes are usual, less others and those among letters of ASCII."""
    low, high = _USUAL[encoding]
    mixed, fits = _MIXED.search(word), 0.0
    for sign in filter(lambda sign: not sign.isascii(), word):
        raw = sign.encode(encoding)
        usual = len(raw) == 2 and low <= raw[0] <= high and not mixed  # of one byte: half a katakana
        fits += (1.0 if sign in _COMMON[encoding] else 0.7) if usual else -0.5
    return fits


def _fitting(word: str, encoding: str) -> float:
    """How many signs that are not ASCII fit in where they stand, less those that do not."""
    low, high = _LETTERS.get(encoding, ("À", "ɏ"))
    if encoding in _LATIN and len(word) > 2 and not any(map(str.isascii, word)):
        return -float(len(word))
    fits = 0.0
    for at, sign in enumerate(word):
        before, after = word[at - 1 : at] if at else "", word[at + 1 : at + 2]
        if sign.isascii():
            continue
        if low <= sign <= high and sign.isalpha():
            odd = _is_odd(sign, before, after, encoding)
            fits += -1.0 if odd else 0.6 if encoding == "cp1252" and sign in _RARE else 1.0
        else:
            apart = sign in _SIGNS and not (before.isalpha() and after.isalpha())
            fits += (1.0 if encoding in _LATIN else 0.3) if apart else -1.0
    return fits


def _is_odd(sign: str, before: str, after: str, encoding: str) -> bool:
    """Whether a letter does not stand so in words: a capital behind a small one, another script."""
    if sign.isupper() and before.islower():
        return True
    if encoding in _LATIN:
        return not before.isascii() and not after.isascii()
    beside = [other for other in (before, after) if other.isalpha()]
    return not beside or any(map(str.isascii, beside))
