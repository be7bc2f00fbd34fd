"""Lines that say by their first signs that they are no rows: `sep=;`, comments, headers that come again."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lstmcli.errors import DataError
from lstmcli.errors.findings import plural
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.bounds import LONGEST_LINE, MOST_COLUMNS
from lstmcli.tables.read.layout import LeftLines
from lstmcli.tables.read.left_out import split_lines
from lstmcli.tables.read.sources import MARKED_ENCODINGS, TableSource, open_text

# Signs that begin a comment where the first lines begin so.
_COMMENTS = ("#", "//", "\\\\", "%", "!")
_SIGN_AS_NAME = re.compile(r'\s*"(?:#|//|%|!)"\s*([,;\t|])')  # of a column of row numbers
_SEPARATOR = re.compile(r'"?sep=(\S|\t)"?\s*', re.IGNORECASE)
_SEPARATORS = ",;\t|"
_SAMPLE = 2**14  # characters that are looked at, and more where they hold few lines
_LARGEST_SAMPLE = 2**17 - 1  # unless it does not hold the header and some rows
_LARGEST_SKIPPED = 2**24  # nor the lines that are to be left out
_FEWEST_LINES = 4
_FEW_LINES = 12
_MOST_RUNS = 3  # of lines that are told one by one


@dataclass(frozen=True)
class Start:
    """The first lines of a file.

    lines, kept  as they are, and with those empty that are no rows
    whole        whether they are all lines
    unsaid       numbers of lines that are left out as the user or the file says
    separator    that the user or the file names, or "auto"
    sign         of comments, "" for none
    comments     the last two comments, without their sign: one may name the columns
    mark         whether the text begins with a byte order mark
    """

    lines: tuple[str, ...]
    kept: tuple[str, ...]
    whole: bool
    unsaid: frozenset[int]
    separator: str
    sign: str
    comments: tuple[str, ...]
    mark: bool


def start_of(source: TableSource, options: ReadOptions) -> Start:
    """Raises DataError for a file without words."""
    lines, whole, mark = _first_lines(source, options)
    unsaid, separator = set(), options.separator
    if named := _SEPARATOR.fullmatch(lines[0]):
        unsaid.add(1)
        separator = named[1] if separator == "auto" else separator
    if options.skip_rows != "auto":
        unsaid |= set(range(1, min(options.skip_rows, len(lines)) + 1))
    _check_columns(lines, separator, source.name)
    after = [line for number, line in enumerate(lines, 1) if number not in unsaid]
    if not any(line.strip() for line in after):
        said = f"skip_rows: {options.skip_rows} leaves no line with words"
        raise DataError("empty", said if unsaid else "the file is empty", path=source.name)
    sign = _comment_sign(after) if options.comment == "auto" else options.comment.removeprefix("none")
    kept = ["\n" if n in unsaid or is_comment(line, sign) else line for n, line in enumerate(lines, 1)]
    first = next((at for at, line in enumerate(kept) if line.strip()), len(kept))
    above = [line for line in lines[:first] if is_comment(line, sign)] if options.comment == "auto" else []
    comments = tuple(line.lstrip(' "').removeprefix(sign).strip() for line in above[-2:])
    return Start(tuple(lines), tuple(kept), whole, frozenset(unsaid), separator, sign, comments, mark)


def _check_columns(lines: Sequence[str], separator: str, path: str) -> None:
    """Raises DataError for a line with more cells than a table may have columns."""
    signs = _SEPARATORS if separator == "auto" or len(separator) > 1 else separator
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_COLUMNS and (most := max(map(line.count, signs))) >= MOST_COLUMNS:
            said = f"the row has {most + 1:,} cells; a table has {MOST_COLUMNS:,} columns at most: write its "
            said += "series below each other, with a column that names them"
            raise DataError("not-a-table", said, path=path, row=number)


def _first_lines(source: TableSource, options: ReadOptions) -> tuple[list[str], bool, bool]:
    """Enough lines to see how a file is written, whether they are all, and whether they begin with a mark.
    Raises DataError."""
    with open_text(source, options) as text:
        sample, mark = text.read(_SAMPLE), text.encoding in MARKED_ENCODINGS
        whole = len(sample) < _SAMPLE
        skipped = 0 if options.skip_rows == "auto" else options.skip_rows
        while not whole and (_needs_more(sample) or _ends_before(skipped + _FEW_LINES, sample)):
            size = max(4 * _SAMPLE, len(sample))
            more = text.read(size)
            whole = len(more) < size
            sample += more
    if not whole:  # without the last line, which is cut
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    if whole and not sample.strip():
        raise DataError("empty", "the file is empty", path=source.name)
    return list(split_lines(sample)) or [""], whole, mark


def _ends_before(line: int, sample: str) -> bool:
    """Whether a sample that is not too large ends before a line."""
    return len(sample) < _LARGEST_SKIPPED and max(sample.count("\n"), sample.count("\r")) < line


def _needs_more(sample: str) -> bool:
    """Whether a sample is small and shows little, or does not hold a few lines, which are long."""
    if len(sample) < _LARGEST_SAMPLE:
        return _says_little(sample)
    ended = sample.count("\n") + sample.count("\r")
    return ended < _FEWEST_LINES and len(sample) < _FEWEST_LINES * LONGEST_LINE


def _says_little(sample: str) -> bool:
    if sample.count("\n") > 10 * _FEW_LINES and not sample.startswith(_COMMENTS):
        return False
    lines = list(split_lines(sample))
    sign = _comment_sign(lines, all_may=True)
    return sum(bool(line.strip()) and not is_comment(line, sign) for line in lines) < _FEW_LINES


def _comment_sign(lines: Sequence[str], all_may: bool = False) -> str:
    """The sign with which the first line that is not empty begins, if it is one of comments and other
    lines begin without it."""
    filled = [line for line in lines if line.strip()]
    sign = "" if _names_numbers(filled[:2]) else sign_of_comment(filled[0]) if filled else ""
    return sign if all_may or any(not is_comment(line, sign) for line in filled) else ""


def _names_numbers(lines: Sequence[str]) -> bool:
    """Whether the first of two lines is a header that begins with a sign in quotes: a cell for each of those
    below it."""
    found = _SIGN_AS_NAME.match(lines[0]) if len(lines) == 2 else None
    if found is None or _SIGN_AS_NAME.match(lines[1]):
        return False
    names, below = (next(csv.reader([line], delimiter=found[1])) for line in lines)
    return len(names) == len(below) and all(cell.strip() for cell in names)


def sign_of_comment(line: str) -> str:
    """The sign with which a line begins as comments do, "" for none."""
    return next((sign for sign in _COMMENTS if is_comment(line, sign)), "")


def is_comment(line: str, sign: str) -> bool:
    return bool(sign) and line.lstrip(' "').startswith(sign)


def marked_lines(source: TableSource, options: ReadOptions, sign: str, header: int) -> list[LeftLines]:
    """Comments, and lines that are the header once more; header: its line. Raises as `open_text`."""
    found: list[LeftLines] = []
    with open_text(source, options) as text:
        lines = enumerate(text, 1)
        before = [next(lines, (0, ""))[1] for _ in range(header)]
        names = before[-1].strip()
        _add_marked(found, enumerate(before[:-1], 1), sign, "")
        _add_marked(found, lines, sign, names)
    return found


def _add_marked(found: list[LeftLines], lines: Iterable[tuple[int, str]], sign: str, names: str) -> None:
    for number, line in lines:
        comment = is_comment(line, sign)
        if not comment and not (names and line.strip() == names):
            continue
        why = "comments" if comment else "the header again"
        last = found[-1] if found else None
        if last is not None and last.why == why and last.last == number - 1:
            found[-1] = LeftLines(why, last.first, number, last.shown)
        else:
            found.append(LeftLines(why, number, number, line.strip()))


def left_out_notes(found: Sequence[LeftLines]) -> tuple[str, ...]:
    """A note for each run of lines; of many for one reason, one for those that follow."""
    notes = []
    for why in dict.fromkeys(part.why for part in found):
        runs = [part for part in found if part.why == why]
        notes += [part.note() for part in runs[:_MOST_RUNS]]
        if more := runs[_MOST_RUNS:]:
            lines = sum(part.last - part.first + 1 for part in more)
            notes.append(
                f"not in the table: {plural(lines, 'more line')}, {why}, up to line {more[-1].last:,}"
            )
    return tuple(notes)
