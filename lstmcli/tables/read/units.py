"""Signs of currencies, units, and what multiplies a number, as they stand beside numbers in tables."""

import re
import unicodedata

SCALES = {  # and the power of ten
    **dict.fromkeys(("K", "k", "Tsd", "Tsd.", "thousand", "thousands", "тыс", "тыс.", "千"), 3),
    **dict.fromkeys(("万", "萬", "만"), 4),
    **dict.fromkeys(("lakh", "lakhs", "Lakh", "Lakhs", "lac", "lacs", "Lac", "Lacs"), 5),
    **dict.fromkeys(("crore", "crores", "Crore", "Crores"), 7),
    **dict.fromkeys(("億", "亿", "억"), 8),
    **dict.fromkeys(("M", "Mio", "Mio.", "mn", "mln", "million", "millions", "млн", "百万"), 6),
    **dict.fromkeys(("B", "bn", "Mrd", "Mrd.", "billion", "billions", "млрд"), 9),
    **dict.fromkeys(("T", "tn", "trillion"), 12),
}
_CODES = (  # of ISO 4217, those in wide use
    "AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GEL HKD HRK HUF IDR ILS INR ISK JPY "
    "KES KRW KWD KZT LKR MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND "
    "TRY TWD UAH USD UYU VND ZAR"
)
_LETTERS = "\\ Fr Fr. kr kr. Kč zł Ft Rs Rs. RM R Rp Rp. лв руб руб. 元 円 원"
# A backslash is the sign of the yen or the won in the encodings of Japan and Korea.
_CURRENCIES = frozenset((*_CODES.split(), *_LETTERS.split()))
_QUANTITIES = (
    "% ‰ ° °C °F C F kWh MWh GWh Wh kW MW GW W kVA kvar V kV mV A mA Ah Hz kHz MHz GHz J kJ MJ GJ m mm cm "
    "km m² m2 m³ m3 ha l L ml mL hl gal ft in mi m/s km/h kmh mph kn kt kg g mg t lb lbs oz Pa hPa kPa "
    "bar mbar psi mmHg ppm ppb µg/m³ μg/m³ ug/m3 µg/m3 mg/m³ mg/m3 mg/l mg/L g/l l/s m³/s m3/s m³/h l/h "
    "mm/h W/m² W/m2 B kB KB MB GB TB KiB MiB GiB bps kbps Mbps Gbps B/s kB/s MB/s ms µs ns s sec secs min "
    "mins h hrs hr hours days lux lx dB dBm rpm pH NTU pcs Stk Stk. bpm"
)
_KNOWN = frozenset(_QUANTITIES.split())
# Units of a size that may name a product.
_NAMING = "kg g mg t lb lbs oz ml mL l L hl gal m mm cm km ft in pcs Stk Stk. B kB KB MB GB TB"
_SIZES = frozenset(_NAMING.split())
# Sides of an account: debit or credit, Soll or Haben.
_SIDES = frozenset(("S", "H", "D", "C", "DR", "CR"))
_PAIRS = ({"S", "H"}, {"D", "C"}, {"DR", "CR"})
_WORDS = (
    "SOLL HABEN, DEBIT CREDIT, DÉBIT CRÉDIT, DEBE HABER, DARE AVERE, DEBET CREDIT, INCOME EXPENSE, "
    "INCOME EXPENSES, DEPOSIT WITHDRAWAL, DEPOSITS WITHDRAWALS, SALE REFUND, SALES REFUNDS, BUY SELL"
)
_NAMED_PAIRS = tuple({*pair.split()} for pair in _WORDS.split(","))
_UNIT = re.compile(r"(?:[^\W\d_]|[%°‰²³·/^*.′″ ]|(?<=[^\W\d_])[23](?=$|[/ ]))+")
# Letters that make a number a date, a time of day or a rank and no quantity.
_NO_UNIT = re.compile(
    r"(?:年度?|년도?|am|pm|a\.m\.|p\.m\.|uhr|st|nd|rd|th|q|w|cw|kw\d*|q\d|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mai|okt|dez|mär)(?:\W.*)?"
    r"|(?:januar|februar|march|april|june|juli|july|august|septem|octo|okto|novem|decem|dezem).*",
    re.IGNORECASE,
)
_KILO = re.compile("千[瓦克米伏赫卡帕焦]")
_LONGEST_UNIT = 16


def is_currency(text: str) -> bool:
    if text in _CURRENCIES:
        return True
    signed = text != "" and unicodedata.category(text[-1]) == "Sc"
    return signed and all("A" <= letter <= "Z" for letter in text[:-1])


def scale_in_front(text: str) -> str:
    """The Chinese, Japanese or Korean word that multiplies what stands behind it, as 万 of 万人; "" for none.
    千瓦 and 千克 are units."""
    scale = next((text[:size] for size in (2, 1) if text[:size] in SCALES), "")
    return scale if scale and ord(scale[0]) > 0x2E7F and not _KILO.match(text) else ""


def is_known_unit(text: str) -> bool:
    """Whether it is one of a quantity to every reader, and no part of a name."""
    return text in _KNOWN or is_currency(text)


def is_unit(text: str) -> bool:
    """Whether it may be a unit, if all cells of a column have it."""
    if is_known_unit(text):
        return True
    fits = len(text) <= _LONGEST_UNIT and _UNIT.fullmatch(text) is not None
    return fits and _NO_UNIT.fullmatch(text) is None


def is_rank(text: str) -> bool:
    """Whether letters make a number a rank, a date or a time of day."""
    return _NO_UNIT.fullmatch(text) is not None


def is_side(text: str) -> bool:
    """Whether it says the side of an account that an amount stands on."""
    return text.upper() in _SIDES


def are_sides(one: str, other: str) -> bool:
    """Whether two texts behind amounts are the sides of an account, or one is and the other stands for none.
    In small letters s, h, d and c are units."""
    told = {text for text in (one, other) if text}
    written = all(text.isupper() or len(text) > 1 for text in told)
    sides = {text.upper() for text in told}
    return written and (sides in _PAIRS or (len(told) == 1 and sides <= {"CR", "DR"}))


def is_side_pair(one: str, other: str) -> bool:
    """Whether two texts are the two sides of an account."""
    return {one.upper(), other.upper()} in (*_PAIRS, *_NAMED_PAIRS)


def may_name(unit: str) -> bool:
    """Whether numbers of this unit may be names of things."""
    return unit in _SIZES or not is_known_unit(unit)
