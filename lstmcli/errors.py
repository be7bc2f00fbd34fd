"""The errors a user can meet, and the exit code of each.

    LstmcliError            1   internal error (a bug): please report it
    ├── UsageError          2   the command line does not make sense
    ├── ConditionFailed     3   a condition the user set was not met
    ├── TrainingDiverged    4   the loss became infinite or not a number
    ├── DataError          65   a table or a model file holds something that cannot be used
    ├── InputMissing       66   a file that should be read is not there
    ├── CannotCreate       73   an output file cannot be created
    ├── WriteFailed        74   a write failed half-way: disk full, device error
    ├── Locked             75   another run holds the lock; try again later
    └── SettingsError      78   a setting is unknown or out of range

Outside the tree: 0 is success, 130 and 143 are the signals INT and TERM. The core
raises; only `lstmcli.__main__` prints and exits.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class LstmcliError(Exception):
    """Root of the tree; raised as such only for a bug."""

    exit_code = 1


class UsageError(LstmcliError):
    exit_code = 2


class ConditionFailed(LstmcliError):
    exit_code = 3


class TrainingDiverged(LstmcliError):
    exit_code = 4


class DataError(LstmcliError):
    """Something in a file cannot be used; the message starts with file:row:column."""

    exit_code = 65

    def __init__(
        self, message: str, *, path: str = "", row: int | None = None, column: str | None = None
    ) -> None:
        where = path
        if row is not None:
            where += f":{row}"
        if column is not None:
            where += f":{column}"
        super().__init__(f"{where}: {message}" if where else message)
        self.path, self.row, self.column = path, row, column


class InputMissing(LstmcliError):
    exit_code = 66


class CannotCreate(LstmcliError):
    exit_code = 73


class WriteFailed(LstmcliError):
    exit_code = 74


class Locked(LstmcliError):
    exit_code = 75


class SettingsError(LstmcliError):
    exit_code = 78


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the known word nearest to `word`, or an empty text."""
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
