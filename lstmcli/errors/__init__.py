"""The errors a user can meet, and the exit code of each.

    LstmcliError            1   internal error (a bug): please report it
    ├── UsageError          2   the command line does not make sense
    ├── ConditionFailed     3   a condition the user set was not met
    ├── TrainingDiverged    4   the loss became infinite or not a number
    ├── DataError          65   a table or a model file holds something that cannot be used
    ├── InputMissing       66   a file that should be read is not there
    ├── Unavailable        69   a scheduler or its workers cannot be used
    ├── CannotCreate       73   an output file cannot be created
    ├── SystemFailed       74   the system failed: disk, device, memory, a killed worker
    │   └── WriteFailed    74   a write failed half-way: disk full, device error
    ├── Locked             75   another run holds the lock; try again later
    ├── SettingsError      78   a setting is unknown or out of range
    ├── Interrupted  130, 143   the signal INT or TERM, and what was saved
    └── ToldElsewhere           another process of torchrun tells what ended the run, and has its code

Outside the tree: 0 is success; HUP ends as TERM does. The core
raises; only `lstmcli.__main__` prints and exits.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lstmcli.errors.foreign import MOST_OF_PATH, shown


class LstmcliError(Exception):
    """Root of the tree; raised as such only for a bug."""

    exit_code = 1
    kind = ""


class UsageError(LstmcliError):
    exit_code = 2


class ConditionFailed(LstmcliError):
    exit_code = 3


class TrainingDiverged(LstmcliError):
    exit_code = 4


# What an error is called in --log-json that has no identifier of its own, by exit code.
KINDS = {
    2: "usage",
    3: "condition",
    4: "diverged",
    66: "no-input",
    69: "unavailable",
    73: "no-output",
    74: "system",
    75: "locked",
    78: "settings",
}

# What can be wrong with data, by identifier. Identifiers are stable: scripts may rely on them.
DATA_ERRORS = {
    "alike-series": "names of series that differ in what cannot be seen, as blanks",
    "ambiguous-date": "day and month cannot be told apart",
    "damaged-checkpoint": "the checkpoint of a training is incomplete or was changed",
    "damaged-model": "the model file is incomplete or was changed",
    "damaged-state": "the state of watch is incomplete or was changed",
    "duplicate-column": "two columns of one name",
    "duplicate-time": "a series has two rows of one time",
    "empty": "a file without header or rows",
    "encoding": "bytes that are no text in the encoding",
    "far-ahead": "a row of a time far ahead of the rows before it and of the clock",
    "foreign-model": "not a model file of lstmcli",
    "future-rows": "a row of --future that does not continue the data",
    "gap": "a series leaves out a time",
    "irregular": "time stamps that are not whole steps apart",
    "late-row": "a row of --follow that is older than the rows that are kept",
    "missing-covariate": "an empty cell in a covariate",
    "missing-future": "covariates known ahead are not given for the whole horizon",
    "missing-series": "an empty cell in a column that tells series apart",
    "missing-time": "an empty cell in the time column",
    "mixed-step": "a series has another step than the others",
    "model-format": "the model file is of another version of lstmcli",
    "new-series": "a series that the model has not seen, refused by --on-new-series error",
    "no-header": "the first row holds values where names are expected",
    "no-target": "no column of numbers to forecast",
    "no-time-column": "no column of time stamps",
    "no-values": "a series without a single value",
    "not-a-number": "a cell that should be a number is not",
    "not-storable": "what no model file can keep, such as a name of more than 10,000 characters",
    "not-a-study": "not the file of a study of tune",
    "not-a-summary": "not a summary.json of this version's inspect-gates",
    "not-a-table": "the file has no rows and columns",
    "not-a-time": "a cell that should be a time stamp is not",
    "not-positive": "a value at or below zero for a model that works on logarithms",
    "one-row": "a series of one row, which shows no step",
    "other-columns": "files of one table that have different columns",
    "other-numbers": "the model gives other numbers on this machine than in training",
    "other-step": "rows are further apart or closer than those the model was trained on",
    "out-of-range": "values far outside those of training, refused by --on-range error",
    "ragged": "a row with more or fewer cells than the header",
    "short-history": "too few values to learn or forecast from",
    "static-changes": "a static covariate that is not constant in a series",
    "wrong-label": "a row of backtest --watch that does not fit the data",
    "too-large": "a number beyond 1e36",
    "total-name": "a series that has the name of the totals of predict --sum-over",
    "mixed-units": "values of several units in one series",
    "mixed-rows": "rows of a forecast, or of both sides of an account, among the values",
    "two-roles": "a column named for two roles",
    "unknown-column": "a named column is not in the table",
    "unnamed-data": "training data that a model does not hold in its folder, and nobody named",
    "unreadable": "a file that breaks off or cannot be unpacked",
}

# What `check` and `predict` also tell of data that can be used.
DATA_NOTES = {
    "assumed": "what was taken for what, or done, in reading",
    "constant-series": "a series of one value only",
    "intermittent": "a series with many zeros",
    "leak": "a covariate that repeats the target",
    "missing-values": "times without a value",
    "outlier": "a value far from those one season before and after",
    "short-series": "a series too short to learn from, which the others are learned without",
    "unseen-category": "a category that the model has not seen",
    "unused-column": "a column that serves for nothing",
}


class DataError(LstmcliError):
    """Something in a file cannot be used; the message starts with file:row:column.

    kind: an identifier of `DATA_ERRORS`, for programs; printed behind the message.
    mends: settings under which the data may be read, most fitting first; the message names them.
    """

    exit_code = 65
    mends: tuple[dict[str, Any], ...] = ()

    def __init__(
        self, kind: str, message: str, *, path: str = "", row: int | None = None, column: str | None = None
    ) -> None:
        assert kind in DATA_ERRORS, kind
        where = shown(path, MOST_OF_PATH)
        if row is not None:
            where += f":{row}"
        if column is not None:
            where += f":{shown(column)}"
        super().__init__(f"{where}: {message}" if where else message)
        self.kind = kind
        self.path, self.row, self.column = path, row, column

    def mended_by(self, *mends: dict[str, Any]) -> "DataError":
        """The error with its mends."""
        self.mends = mends
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """So that a worker can send it to the process that asked."""
        return _restored, (self.kind, str(self), self.path, self.row, self.column, self.mends)


def _restored(
    kind: str,
    message: str,
    path: str,
    row: int | None,
    column: str | None,
    mends: tuple[dict[str, Any], ...],
) -> DataError:
    error = DataError(kind, message).mended_by(*mends)
    error.path, error.row, error.column = path, row, column
    return error


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """A DataError that names no file is one of this file."""
    try:
        yield
    except DataError as error:
        if error.path or str(error).startswith((f"{path}:", f"{path} ")):
            raise
        raise DataError(error.kind, str(error), path=str(path)).mended_by(*error.mends) from None


class InputMissing(LstmcliError):
    exit_code = 66


class Unavailable(LstmcliError):
    exit_code = 69


class CannotCreate(LstmcliError):
    exit_code = 73


class SystemFailed(LstmcliError):
    exit_code = 74


class WriteFailed(SystemFailed):
    pass


class Locked(LstmcliError):
    exit_code = 75


class SettingsError(LstmcliError):
    exit_code = 78


class Interrupted(LstmcliError):
    """A signal ended the work; number: of the signal."""

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + number


class ReportedElsewhere(LstmcliError):
    """Another of the processes that train together says why they end; exit_code: that of its error."""

    def __init__(self, rank: int, exit_code: int) -> None:
        super().__init__(f"ended, as process {rank} of torchrun was: see what it says")
        self.exit_code = exit_code


# Of calls that would work on a healthy machine, whatever file is named.
SYSTEM_ERRNOS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
    | {errno.EAGAIN, errno.ENOBUFS, errno.ESTALE}
)


def did_you_mean(word: str, known: Iterable[str], written: Mapping[str, str] | None = None) -> str:
    """` Did you mean 'x'?` for the known word nearest to `word`, or an empty text.

    written: how known words are written, of those that are written in another way than they are compared.
    """
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {(written or {}).get(near[0], near[0])!r}?" if near else ""


def reason_of(error: OSError) -> str:
    """What the system says of a failed call, as our messages give it: "no such file or directory"."""
    return (error.strerror or str(error)).lower()


def write_failure(path: Path, error: OSError, state: str = "nothing was replaced") -> LstmcliError:
    """WriteFailed for a full or broken device, CannotCreate for all else. state: what is on it now."""
    reason = "is no folder; name another" if error.errno == errno.EEXIST else reason_of(error)
    if error.errno in SYSTEM_ERRNOS:
        return WriteFailed(f"{path}: {reason}; {state}")
    return CannotCreate(f"{path}: cannot be written: {reason}")


def read_failure(path: str | Path, error: OSError, hint: str = "") -> LstmcliError:
    """SystemFailed for a broken device or a lack of memory or open files, InputMissing for all else.

    hint: what to do about it, where the file is not there.
    """
    kind = SystemFailed if error.errno in SYSTEM_ERRNOS else InputMissing
    near = _name_like(path) if isinstance(error, FileNotFoundError) else ""
    return kind(f"{path or repr('')}: {reason_of(error)}{hint}{near}")


def _name_like(path: str | Path) -> str:
    """`. Did you mean 'data.csv'?` for a file of the folder named like one that is not there."""
    folder, name = os.path.split(path)
    try:
        found = did_you_mean(name, os.listdir(folder or "."))
    except (OSError, ValueError):
        return ""
    return f".{found}" if found else ""
