"""Words of time in the languages that tables are written in: months, days of the week, halves of the day.

A word means the same in all languages, so that cells are read without knowing theirs; how the next ones are
written follows from all words that were seen.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

# By language, the usual table first: short names are tried before long ones, as "May" is both.
_MONTHS = {
    "en": (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sept oct nov dec",
        "jan feb mar apr may june july aug sept oct nov dec",
        "jan feb march april may june july aug sept oct nov dec",
    ),
    "de": (
        "jan feb mär apr mai jun jul aug sep okt nov dez",
        "jan feb mrz apr mai jun jul aug sep okt nov dez",
        "jan feb märz apr mai juni juli aug sept okt nov dez",
        "jan feb märz april mai juni juli aug sept okt nov dez",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "jänner februar märz april mai juni juli august september oktober november dezember",
    ),
    "fr": (
        "janv févr mars avr mai juin juil août sept oct nov déc",
        "jan fév mar avr mai jun jul aoû sep oct nov déc",
        "jan fév mars avr mai juin juil août sep oct nov déc",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ),
    "es": (
        "ene feb mar abr may jun jul ago sep oct nov dic",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre",
    ),
    "it": (
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "gen feb mar apr mag giu lug ago sett ott nov dic",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    ),
    "pt": (
        "jan fev mar abr mai jun jul ago set out nov dez",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    ),
    "nl": (
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "januari februari maart april mei juni juli augustus september oktober november december",
    ),
    "sv": (
        "jan feb mar apr maj jun jul aug sep okt nov dec",
        "januari februari mars april maj juni juli augusti september oktober november december",
    ),
    "pl": (
        "sty lut mar kwi maj cze lip sie wrz paź lis gru",
        "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    ),
    "tr": (
        "oca şub mar nis may haz tem ağu eyl eki kas ara",
        "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    ),
    "ru": (
        "янв фев мар апр май июн июл авг сен окт ноя дек",
        "янв февр март апр май июнь июль авг сент окт нояб дек",
        "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    ),
}
_WEEKDAYS = {
    "en": (
        "mon tue wed thu fri sat sun",
        "monday tuesday wednesday thursday friday saturday sunday",
        "mon tues wed thurs fri sat sun",
    ),
    "de": ("mo di mi do fr sa so", "montag dienstag mittwoch donnerstag freitag samstag sonntag"),
    "fr": ("lun mar mer jeu ven sam dim", "lundi mardi mercredi jeudi vendredi samedi dimanche"),
    "es": ("lun mar mié jue vie sáb dom", "lunes martes miércoles jueves viernes sábado domingo"),
    "it": ("lun mar mer gio ven sab dom", "lunedì martedì mercoledì giovedì venerdì sabato domenica"),
    "pt": (
        "seg ter qua qui sex sáb dom",
        "segunda terça quarta quinta sexta sábado domingo",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    ),
    "ko": ("월 화 수 목 금 토 일", "월요일 화요일 수요일 목요일 금요일 토요일 일요일"),
}
_KINDS = {"b": _MONTHS, "a": _WEEKDAYS}
MORNINGS, EVENINGS = ("am", "오전", "上午", "午前"), ("pm", "오후", "下午", "午後")
_SIGN = re.compile(r"[.\s\u00a0\u202f]")


def _plain(word: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _accents_kept(word: str) -> str:
    return unicodedata.normalize("NFC", word)


def _label(word: str) -> str:
    """As names are kept: in small letters, without the point of short ones."""
    return _accents_kept(word).lower().removesuffix(".")


def _tables(kind: str) -> Iterable[tuple[str, list[str]]]:
    for language, tables in _KINDS[kind].items():
        for number, table in enumerate(tables):
            yield f"{language}{number}", table.split()


@cache
def _numbers(kind: str) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for _, names in _tables(kind):
        for number, name in enumerate(names, 1):
            found.setdefault(name, number)
    for name, number in [*found.items()]:
        found.setdefault(_plain(name), number)
        found.setdefault(_plain(name.replace("ä", "ae")), number)
    return found


def month_number(word: str) -> int:
    """1 to 12, 0 for a word that names no month."""
    return _numbers("b").get(_label(word), 0)


def is_month_abroad(word: str) -> bool:
    """Whether a word names a month in a language that is read, and none in English."""
    name = _label(word)
    return month_number(word) > 0 and not any(name in names.split() for names in _MONTHS["en"])


def weekday_number(word: str) -> int:
    """1 (Monday) to 7, 0 for a word that names no day; "mar" is Tuesday in some languages."""
    return _numbers("a").get(_label(word), 0)


# Labels of rows and columns alone: no dates are written with them.
_LABELS = {
    "b": (
        "januar februar marts april maj juni juli august september oktober november december",
        "januar februar mars april mai juni juli august september oktober november desember",
        "jan feb mar apr mai jun jul aug sep okt nov des",
        "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
        "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu "
        "joulukuu",
        "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月",
        " ".join(f"{number}月" for number in range(1, 13)),
        " ".join(f"{number}월" for number in range(1, 13)),
    ),
    "a": (
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        "ma di wo do vr za zo",
        "måndag tisdag onsdag torsdag fredag lördag söndag",
        "mån tis ons tors fre lör sön",
        "mandag tirsdag onsdag torsdag fredag lørdag søndag",
        "poniedziałek wtorek środa czwartek piątek sobota niedziela",
        "pon wt śr czw pt sob niedz",
        "pondělí úterý středa čtvrtek pátek sobota neděle",
        "понедельник вторник среда четверг пятница суббота воскресенье",
        "пн вт ср чт пт сб вс",
        "月 火 水 木 金 土 日",
        "周一 周二 周三 周四 周五 周六 周日",
        "星期一 星期二 星期三 星期四 星期五 星期六 星期日",
    ),
}


@cache
def _label_numbers(kind: str) -> Mapping[str, int]:
    """Words of languages in which no dates are read; "listopad", which is two months, is none."""
    found: dict[str, set[int]] = {}
    for names in _LABELS[kind]:
        for number, name in enumerate(names.split(), 1):
            found.setdefault(name, set()).add(number)
    return {name: min(numbers) for name, numbers in found.items() if len(numbers) == 1}


def month_label(word: str) -> int:
    """As `month_number`, also of languages in which no dates are read."""
    return month_number(word) or _label_numbers("b").get(_label(word), 0)


def weekday_label(word: str) -> int:
    """As `weekday_number`, also of languages in which no dates are read."""
    return weekday_number(word) or _label_numbers("a").get(_label(word), 0)


def half_of_day(word: str) -> int:
    """0 for the morning, 1 for the evening, -1 for any other word."""
    text = _SIGN.sub("", word).lower()
    return 0 if text in (*MORNINGS, "a") else 1 if text in (*EVENINGS, "p") else -1


def name_style(kind: str, words: Iterable[str]) -> str:
    """How some names are written: a table, then ^ for capitals, _ for small letters, . for dots behind
    short ones, : behind all, ~ where accents are left out. kind: "b" months, "a" days of the week."""
    seen = {_accents_kept(word) for word in words}
    bare = {word.removesuffix(".").lower() for word in seen}
    dots = any(word.endswith(".") for word in seen)
    longest = {name for _, names in _tables(kind) for name in names if _is_longest(kind, name)}
    all_dots = any(word.endswith(".") and word.removesuffix(".").lower() in longest for word in seen)
    small = all(word == word.lower() for word in seen)
    large = all(word == word.upper() for word in seen) and not small
    best, accents = "", True
    scores: list[tuple[int, int, int, str, bool]] = []
    for order, (name, names) in enumerate(_tables(kind)):
        # French, Spanish, Italian and Portuguese write names small, English and German do not.
        unusual = small != (name[:2] not in ("en", "de"))
        known, plain = {*names}, {_plain(n) for n in names}
        for with_accents, given in ((True, known), (False, plain)):
            scores.append((-len(bare & given), int(unusual), order, name, with_accents))
    _, _, _, best, accents = min(scores, key=lambda score: (score[0], not score[4], *score[1:3]))
    return (
        best
        + ("^" if large else "_" if small else "")
        + (":" if all_dots else "." if dots else "")
        + ("" if accents else "~")
    )


@cache
def _is_longest(kind: str, name: str) -> bool:
    """Whether a name is that of the long table of a language."""
    return any(name in max(tables, key=len).split() for tables in _KINDS[kind].values())


@cache
def names_of(kind: str, style: str) -> tuple[str, ...]:
    """The names that a style of `name_style` writes, January or Monday first."""
    found = re.match(r"([a-z]{2}\d)", style)
    tables = dict(_tables(kind))
    names = tables.get(found[1] if found else "en0", tables["en0"])
    longest = {n: max(t[n] for t in _by_language(kind, style[:2])) for n in range(len(names))}
    made = []
    for number, name in enumerate(names):
        text = _plain(name) if "~" in style else name
        text = text.upper() if "^" in style else text if "_" in style else text.capitalize()
        short = ":" in style or ("." in style and len(name) < longest[number])
        made.append(text + ("." if short else ""))
    return tuple(made)


def _by_language(kind: str, language: str) -> list[list[int]]:
    found = [[len(n) for n in names] for name, names in _tables(kind) if name.startswith(language)]
    return found or [[len(n) for n in names] for name, names in _tables(kind) if name.startswith("en")]


def is_undecided(kind: str, words: Iterable[str]) -> bool:
    """Whether the words seen are those of a short and of a long table alike, as "May" alone is."""
    seen = [*words]
    bare = {_accents_kept(word).removesuffix(".").lower() for word in seen}
    language = name_style(kind, seen)[:2]
    fitting = [names for name, names in _tables(kind) if name.startswith(language) and bare <= {*names}]
    return len({tuple(names) for names in fitting}) > 1 and not any(word.endswith(".") for word in seen)


_UNITS = {
    "week": "week weeks wk yearweek woche kalenderwoche kw semaine semana settimana isoweek weekly yyyyww yw "
    "vecka tydzień",
    "quarter": "quarter quarters qtr quartal trimestre trimester quarterly yearquarter yyyyq yq q "
    "kwartaal kwartał kvartal vierteljahr",
    "month": "month months monat monate mois mes mese mês monthly yearmonth yyyymm ym maand månad miesiąc",
}
_KOREAN_UNITS = {"주": "week", "주차": "week", "분기": "quarter", "월": "month"}


def words_of_name(name: str) -> list[str]:
    """The words of the name of a column, in small letters: "StartTime_UTC" has start, time and utc."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word.lower() for word in re.findall(r"[^\W\d_]+", apart)]


def names_unit(name: str) -> str:
    """ "week", "quarter" or "month" where the name of a column says so, else ""."""
    for word in words_of_name(name):
        for unit, words in _UNITS.items():
            if word in words.split() or _KOREAN_UNITS.get(word) == unit:
                return unit
    return ""
