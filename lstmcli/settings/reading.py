"""How a file is read, apart from what its columns are for."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """Stored in the model, so that `predict` reads as `train` did; "auto" is decided for each file.

    separator     between cells, or "auto"
    decimal       mark of decimals, "." or ","; "auto" takes a comma where nothing else fits
    encoding      a name that Python knows
    header        whether the first row names the columns; without one they are called 1, 2, ...
    day_first     whether 01/02 is the first of February; "auto" where only one order fits
    timezone      whose local time stamps without an offset are, as "Europe/Berlin"; "" for none
    step          distance of rows, as "1h", or "auto"; needed where there is no time column
    on_gap        where a series leaves out times: refuse, leave the values missing, or interpolate
    on_duplicate  where a series has several rows of one time: refuse, or take one or their mean
    resample      step and aggregate, as "1h=mean", or "" for none
    """

    separator: str = "auto"
    decimal: Literal["auto", ".", ","] = "auto"
    encoding: str = "utf-8"
    header: bool = True
    day_first: bool | Literal["auto"] = "auto"
    timezone: str = ""
    step: str = "auto"
    on_gap: Literal["error", "mask", "fill"] = "error"
    on_duplicate: Literal["error", "first", "last", "mean"] = "error"
    resample: str = ""


def is_separator(text: str) -> bool:
    """Whether cells can be told apart by it: "auto", one character, or \\s+ for blanks."""
    return text in ("auto", r"\s+") or (len(text) == 1 and text not in '\r\n"\0')
