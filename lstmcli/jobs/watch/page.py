"""What `watch --html` writes."""

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lstmcli.tables.write.alarms import alarm_lines

if TYPE_CHECKING:
    from lstmcli.jobs.watch.watched import Watched


def write_watch_page(path: str, found: "Watched", source: str, notes: Sequence[str]) -> None:
    """Raises CannotCreate or WriteFailed."""
    from lstmcli.files.output import write_out
    from lstmcli.reports.html.watch_page import WatchStory, watch_page

    lines = [
        (
            *(line[name] for name in ("at", "series", "kind", "alarm")),
            *(_number(line[name]) for name in ("value", "expected", "lower", "upper")),
        )
        for line in alarm_lines(found.rows, found.names)
    ]
    story = WatchStory(
        panel=found.panel,
        target=found.names.roles.targets[0],
        rows=found.rows,
        alarms=lines,
        budget=found.budget.text,
        expected=found.rate * found.judged,
        judged=found.judged,
        source=source,
        notes=(*notes, *found.notes),
        command=shlex.join(["lstmcli", *sys.argv[1:]]),
    )
    write_out(watch_page(story), path)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.6g}"
