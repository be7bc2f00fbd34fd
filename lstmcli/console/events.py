"""What --log-json writes on standard error: one JSON object per line.

Each has `event` and `time` (UTC), and fields by kind of event:

    note, warning   message, kind (an identifier, where there is one)
    fact            name, message
    table           title, rows (a list of objects)
    progress        stage, member, members, step, steps, loss, validation_loss, rate (windows/s);
                    of `tune` also trial, fold (from 1), folds, seconds_left
    timing          stage, seconds; only with --verbose
    wrote           output, form, model, and series, steps of `predict` or filled, left, added of `impute`,
                    also with --quiet
    crossing        series, at, probability, message: of `predict --fail-on`, also with --quiet
    error           message, kind, exit_code, file, line, column (null where there is none); with --debug
                    also traceback
    summary         exit_code, seconds, peak_bytes; always the last, also after an error

Commands add events of their own with `Screen.tell`. Numbers that are not finite are null.
"""

import json
import math
import re
import sys
import warnings
from datetime import UTC, datetime
from typing import Any

_LINE = re.compile(r"(?:(note|warning): )?(.*?)(?: \[([a-z-]+)\])?", re.DOTALL)


def emit(event: str, **fields: Any) -> None:
    """Writes one event."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record = {"event": event, "time": now, **{name: _finite(value) for name, value in fields.items()}}
    # One write: lines of several processes must not mix.
    sys.stderr.write(json.dumps(record, allow_nan=False) + "\n")
    sys.stderr.flush()


def emit_text(text: str) -> None:
    """A printed line, `warning: message [kind]`, as an event."""
    match = _LINE.fullmatch(text.strip())
    assert match is not None
    severity, message, kind = match.groups()
    emit(severity or "note", message=message, kind=kind)


def warnings_as_events() -> None:
    """Makes events of Python warnings of libraries, whose lines would not be JSON."""
    warnings.showwarning = lambda message, category, *_: emit(
        "warning", message=str(message), kind=category.__name__
    )


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value
