"""Names of columns that hold times."""

from lstmcli.tables.read.time_words import words_of_name

# Names of time columns, the surest first.
TIME_NAMES = (
    *("time", "timestamp", "datetime", "date", "ds", "day", "month", "quarter", "year", "step", "t"),
    *("ts", "epoch", "unix", "unixtime"),
)
OTHER_TIME_NAMES = (
    *("week", "hour", "period", "start", "begin", "zeit", "zeitstempel", "zeitpunkt", "datum", "uhrzeit"),
    *("tag", "woche", "monat", "quartal", "jahr", "beginn", "horodatage", "heure", "jour", "semaine", "mois"),
    *("trimestre", "année", "annee", "début", "fecha", "hora", "día", "dia", "semana", "mes", "año"),
    *("inicio", "periode", "kalenderwoche", "年月", "年月日", "年", "年度", "日付", "日期", "日時"),
    *("data", "ora", "giorno", "settimana", "mese", "anno", "mês", "ano", "날짜", "시간", "일시", "일자"),
    *("maand", "jaar", "kwartaal", "månad", "vecka", "kvartal", "år", "miesiąc", "kwartał", "rok", "tydzień"),
    *("연월", "년월", "월", "주", "분기", "연도", "년도", "기간"),
)
_ENDS = ("end", "stop", "ende", "fin", "fine", "fim", "bis", "to", "until")
_TAILS = ("date", "time", "datum", "zeit", "timestamp")
NO_TIME_NAME = 1000  # the rank of what is not usual for a time


def rank_of_name(name: str) -> int:
    """How surely a column of this name holds times, the least first; 1000 for any other name."""
    names = (*TIME_NAMES, *OTHER_TIME_NAMES)
    whole = name.strip().strip("_").lower()
    if whole in names:
        return names.index(whole)
    words = words_of_name(name)
    known = [names.index(word) for word in words if word in names]
    if any(word in _ENDS for word in words):
        return NO_TIME_NAME + 1
    if known:
        return len(names) + min(known)
    return 2 * len(names) if whole.endswith(_TAILS) else NO_TIME_NAME
