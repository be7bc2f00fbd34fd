"""Arguments as jobs take them."""

import operator
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from lstmcli.errors import UsageError, did_you_mean

Levels = float | Sequence[float]
Moment = str | date  # or a datetime, a Timestamp


def check_whole(**numbers: Any) -> None:
    """Raises UsageError for a number that is no whole number of at least 1; None is none."""
    for name, value in numbers.items():
        if value is None:
            continue
        try:
            whole = operator.index(value) if not isinstance(value, bool) else 0
        except TypeError:
            raise UsageError(f"{name} must be a whole number of at least 1, not {value!r}") from None
        if whole < 1:
            raise UsageError(f"{name} must be at least 1, not {value!r}")


def levels_of(levels: Levels) -> tuple[float, ...]:
    """Levels in percent; one may stand alone, and they may be an array. Raises UsageError for what is no
    number."""
    if hasattr(levels, "tolist"):  # of NumPy, pandas or Polars
        levels = levels.tolist()
    found = tuple(levels) if isinstance(levels, Sequence) and not isinstance(levels, str) else (levels,)
    try:
        return tuple(float(level) for level in found)
    except (TypeError, ValueError):
        raise UsageError(f"levels: numbers in percent, as [80, 95], not {levels!r}") from None


def texts_of(texts: str | Sequence[str]) -> tuple[str, ...]:
    """Texts; one may stand alone. Raises UsageError for what is none."""
    if isinstance(texts, str):
        return (texts,) if texts else ()
    found = list(texts) if isinstance(texts, Iterable) else [texts]
    for text in found:
        if not isinstance(text, str):
            raise UsageError(f"names are texts, not {text!r}")
    return tuple(found)


def time_text(moment: Moment | None) -> str | None:
    """A time as text."""
    return None if moment is None else str(moment)


def check_choice(name: str, value: str | None, known: Sequence[str]) -> None:
    """Raises UsageError for a word that is not known; None is none."""
    if value is not None and value not in known:
        hint = did_you_mean(str(value), known)
        raise UsageError(f"{name} must be {' or '.join(known)}, not {value!r}.{hint}")
