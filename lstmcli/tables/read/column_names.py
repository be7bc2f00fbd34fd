"""What the names of columns tell: which are usual for series, for what is forecast, for parts of a date.

A name is looked at word by word, in any case: `store_id`, `StoreID` and `Store Id` are alike.
"""

import re
from collections.abc import Sequence


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DIGIT = re.compile(r"\d")
_DEGREES = {"lat": 90, "latitude": 90, "lon": 180, "lng": 180, "longitude": 180}
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
TARGET_NAMES = ("y", "target", "value", "values")
_KEYS = _set(
    "id ids key code sku store shop item product article station sensor device meter site location loc "
    "region country state province city county municipality zip zipcode postcode plz dept department "
    "category family class series customer household user channel symbol ticker branch warehouse plant "
    "machine asset turbine zone area district host node entity isin nbr filiale artikel kunde geraet "
    "standort land ort tienda producto pais magasin produit pays negozio prodotto loja produto "
    "client tank pump vehicle panel room building unit outlet market brand segment group line route"
)
_AMOUNTS = _set(
    "y target value values sales sale sold demand units qty quantity orders revenue turnover amount count "
    "counts cnt total volume price cost open high low close load consumption usage visitors passengers "
    "number menge umsatz absatz verkauf preis wert ventas ventes prix vendite prezzo vendas"
)
_DEMAND = _set(
    "sales sale sold demand qty quantity quantities orders revenue turnover load consumption visitors "
    "passengers units amount amounts count counts cnt wh kwh mwh gwh bookings reservations rentals cases "
    "rides calls trips tickets visits customers transactions purchases shipments deliveries admissions "
    "patients arrivals departures riders guests footfall traffic clicks sessions pageviews downloads signups "
    "pickups umsatz absatz verkauf verkäufe menge stück verbrauch besucher bestellungen ventas cantidad "
    "unidades consumo ventes quantité quantite consommation vendite fatturato vendas quantidade"
)
_TRADED = _set("volume vol")  # beside a price, what was traded at it
_DRIVERS = _set(
    "temperature temp temperatur fuel price preis prix cpi unemployment humidity hum wind windspeed rain "
    "rainfall snow precipitation weather promo promotion promotions onpromotion holiday holidays "
    "markdown discount oil dewpoint pressure solar radiation cloud clouds cloudiness sunshine advertising "
    "gdp inflation stock inventory atemp"
)
_ECONOMY = _set("gdp cpi unemployment inflation")  # drive a demand, and stand beside what an economy spends
_SPENT = _set(
    "consumption consumo consommation private public household households government personal final real "
    "nominal total expenditure expenditures spending"
)
_ENERGY = re.compile(r"(?<![a-z/])[kmg]wh(?![a-z]|\s?/)")  # Solar [MWh], and not Price [EUR/MWh]
_COUNTERS = _set("no nr id index idx row rowid rownum # n record lfd seq sequence instant")
_CODES = _set("id ids key code nbr zip zipcode postcode plz ean isbn uuid")  # at the end of a name
_NUMBERED = _set("no nr number")  # after what has the number: InvoiceNo
_FEW_CODES = _set("flag flags quality qc status version type mode season weathersit weather")
_FORESEEN = _set(
    "forecast forecasts forecasted fcst yhat pred predicted prediction predictions prognose budget budgeted "
    "planned projection projections projected prévision prevision pronostico pronóstico "
    "previsión prevista previsto programada programado"
)
_EARLIER = _set("lastyear prevyear previousyear prioryear vorjahr ly")
_RUNNING = _set("ytd qtd mtd cum cumulative cumulated cumul cumulé kumuliert kumulativ acumulado acumulada")
_STAMPS = _set("time at timestamp ts date epoch")
YEARS, _LATE_YEARS = (1000, 3000), (1800, 2199)  # as far as numbers can be years
_PARTS = {  # of a date: the words, and the lowest and highest number
    "year": (*YEARS, "year yr jahr annee année ano año anno yyyy"),
    "month": (1, 12, "month mon mnth monat mois mes mês mese mm"),
    "day": (1, 31, "day dayofmonth monthday dom tag jour dia día giorno dd mday"),
    "hour": (0, 24, "hour hr stunde heure hora ora hh"),
    "minute": (0, 59, "minute min minuto"),
    "second": (0, 59, "second sec"),
    "weekday": (0, 7, "weekday wday dow dayofweek weekdaynum wochentag"),
    "week": (
        0,
        53,
        "week weekofyear weeknum weeknumber isoweek woy kw kalenderwoche semaine semana settimana",
    ),
    "quarter": (1, 4, "quarter qtr quartal trimestre"),
    "day of the year": (0, 366, "dayofyear doy yearday yday"),
    "decimal year": (*YEARS, "decimaldate decdate decimalyear fractionalyear decyear"),
}
_RANGES = {word: (low, high) for low, high, words in _PARTS.values() for word in words.split()}


def words_of(name: str) -> list[str]:
    """`StoreID`, `store_id`: store, id."""
    found = re.findall(r"[^\W\d_]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|#", str(name))
    return [word.lower() for word in found]


def is_key_name(name: str) -> bool:
    """Whether a column of this name usually tells series apart: by its last word that says something."""
    for word in reversed(words_of(name)):
        if word in _KEYS or (word.endswith("id") and word[:-2] in _KEYS):
            return True
        if word in _AMOUNTS:
            return False
    return False


def is_coordinate(name: str) -> bool:
    """Whether a column of this name holds the place of something."""
    return bool({*words_of(name)} & {"lat", "latitude", "lon", "lng", "long", "longitude"})


def is_place(name: str, low: float, high: float) -> bool:
    """Whether numbers from low to high of a column of this name are degrees of latitude or longitude."""
    words = words_of(name)
    return bool(words) and words[-1] in _DEGREES and max(-low, high) <= _DEGREES[words[-1]]


def is_code_name(name: str) -> bool:
    """Whether whole numbers of a column of this name are usually those of things, as of orders; ID, NO of
    one kind with NO2 are none."""
    words = words_of(name)
    if not words or _DIGIT.search(str(name)):
        return False
    joined = words[-1] in _CODES or (words[-1].endswith("id") and words[-1][:-2] in _KEYS)
    numbered = len(words) > 1 and words[-1] in _NUMBERED and not str(name).endswith("NO")
    return joined or numbered


def is_few_codes_name(name: str) -> bool:
    """Whether a few whole numbers in a column of this name are usually codes: a flag, a quality."""
    words = words_of(name)
    return bool(words) and words[-1] in _FEW_CODES and not _DIGIT.search(str(name))


def is_foreseen_name(name: str) -> bool:
    """Whether a column of this name is usually a forecast, a plan or the year before of another."""
    words = words_of(name)
    known = _FORESEEN | _EARLIER
    return not known.isdisjoint(words) or "".join(words[-2:]) in _EARLIER or words == ["plan"]


def is_running_name(name: str) -> bool:
    """Whether a column of this name usually adds up another from row to row."""
    return not _RUNNING.isdisjoint(words_of(name))


def is_stamp(name: str, low: float, high: float) -> bool:
    """Whether whole numbers from low to high of a column of this name are seconds or milliseconds since
    1970."""
    words, stamped = words_of(name), (low >= 1e9 and high < 4e9) or (low >= 1e12 and high < 4e12)
    return stamped and bool(words) and words[-1] in _STAMPS


def is_amount_name(name: str) -> bool:
    """Whether a column of this name is usually one of measured values."""
    return not is_key_name(name) and not _AMOUNTS.isdisjoint(words_of(name))


def is_demand_name(name: str) -> bool:
    """Whether a column of this name is usually what is forecast where others may drive it."""
    words = words_of(name)
    return (not _DEMAND.isdisjoint(words) or str(name) in ("CA", "ca")) and not is_driver_name(name)


def is_spending_name(name: str) -> bool:
    """Whether a demand of this name may be what an economy spends, as Consumption beside GDP."""
    return _SPENT.issuperset(words_of(name))


def is_economy_name(name: str) -> bool:
    """Whether a driver of this name is a figure of a whole economy."""
    return not _ECONOMY.isdisjoint(words_of(name))


def is_traded_name(name: str) -> bool:
    """Whether a column of this name is a demand where more than a price may drive it."""
    return not _TRADED.isdisjoint(words_of(name)) and not is_driver_name(name)


def is_price_name(name: str) -> bool:
    return not {"price", "preis", "prix"}.isdisjoint(words_of(name))


def is_driver_name(name: str) -> bool:
    """Whether a column of this name is usually a covariate where another is called like a demand."""
    words = words_of(name)
    return not _DRIVERS.isdisjoint((*words, "".join(words))) and not _ENERGY.search(str(name).lower())


def is_counter_name(name: str) -> bool:
    words = words_of(name)
    return (
        not words
        or (set(words) <= _COUNTERS | {"number", "num"} and bool(_COUNTERS & set(words)))
        or (words[0] == "unnamed")
    )


def date_part_range(name: str) -> tuple[int, int] | None:
    """The lowest and highest number of the part of a date that a column of this name usually holds."""
    words = words_of(name)
    of_year = words[-1] if len(words) == 2 and _RANGES.get(words[-1]) == YEARS else ""  # MMWR Year
    return _LATE_YEARS if of_year else _RANGES.get("".join(words))


def is_yes_or_no(value: object) -> bool:
    """Whether a text is one of the two of a flag."""
    return str(value).strip().lower() in ("true", "false", "yes", "no", "on", "off")


def are_whole(filled: Sequence[str]) -> bool:
    """Whether cells are whole numbers that are written as a number is."""
    return all(_WHOLE.fullmatch(cell.strip()) for cell in filled)


def are_names(filled: Sequence[str]) -> bool:
    """Whether plain numbers in a column called like a key are not the same once they have been read as
    numbers: 1.10 beside 1.1, 1E5, +7."""
    texts = {cell.strip() for cell in filled}
    if are_whole(filled):
        return False
    numbers = [float(text.replace(",", ".")) for text in texts]
    if all(str(number) == text for number, text in zip(numbers, texts, strict=True)):
        return False
    return len({*numbers}) < len(texts) or all(number.is_integer() for number in numbers)
