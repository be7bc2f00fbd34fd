"""The file of a study: Optuna's journal, one JSON document per line, read again to go on."""

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend, JournalStorage

from lstmcli.errors import (
    CannotCreate,
    DataError,
    LstmcliError,
    WriteFailed,
    read_failure,
    reason_of,
    write_failure,
)
from lstmcli.errors.parsing import json_fault
from lstmcli.files.locks import hold_lock

_BUSY = "another run of tune ({holder}) has this study; wait for it, or name another"


class _HeldLock:
    """The lock that Optuna asks for at every line; `open_study` holds one for the whole run."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass


class _Backend(JournalFileBackend):
    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        try:
            super().append_logs(logs)
        except OSError as error:
            reason = reason_of(error)
            raise WriteFailed(f"{self._file_path}: {reason}; the study cannot go on") from None


@contextmanager
def open_study(path: Path) -> Iterator[JournalStorage]:
    """The storage of a study file, made where there is none; held as long as it is open.

    A last line that a crash cut off is removed. Raises CannotCreate, DataError for a file that is no
    study, or Locked where another run has it.
    """
    if path.exists() and not path.is_file():
        raise CannotCreate(f"{path}: cannot be written: is no regular file")
    try:
        file = open(path, "a+b")  # noqa: SIM115
    except OSError as error:
        raise write_failure(path, error) from None
    with file, hold_lock(path, busy=_BUSY):
        os.truncate(path, _checked(path))
        yield _replayed(path)


def _replayed(path: Path) -> JournalStorage:
    """The study as its lines tell it. Raises DataError where they do not fit, and as `read_failure`."""
    try:
        storage = JournalStorage(_Backend(str(path), lock_obj=_HeldLock()))  # type: ignore[arg-type]
        for study in storage.get_all_studies():
            for trial in storage.get_all_trials(study._study_id):
                kept = trial.user_attrs
                assert isinstance(kept.get("settings", {}), dict)
                assert all(math.isfinite(error) for error in kept.get("errors", ()))
    except (LstmcliError, MemoryError):
        raise
    except OSError as error:
        raise read_failure(path, error) from None
    except Exception as error:  # Optuna checks nothing: what is wrong shows as any error at all
        said = "the study is incomplete or was changed"
        raise DataError("not-a-study", said, path=str(path)) from error
    return storage


def _checked(path: Path) -> int:
    """How many bytes of the file are whole lines. Raises DataError for one that is no journal."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise read_failure(path, error) from None
    whole = raw.rfind(b"\n") + 1
    lines = raw[:whole].splitlines() or ([raw] if raw else [])
    for number, line in enumerate(lines, 1):
        try:
            json.loads(line)["op_code"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            no_step = f"line {number:,}: no step of one"
            why = json_fault(error, number) if isinstance(error, ValueError) else no_step
            said = f"not the file of a study of tune ({why})"
            raise DataError("not-a-study", said, path=str(path)) from None
    return whole
