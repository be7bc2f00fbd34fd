"""What is printed on standard error: notes, progress, summaries. Data never goes here.

Rich is loaded by the first line that is printed: a forecast in a pipeline prints none.
"""

import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lstmcli.console.events import emit, emit_text
from lstmcli.console.manner import can_redraw, output_mode, wants_times, with_colour
from lstmcli.console.streams import styled
from lstmcli.errors.foreign import printable, printable_line

_SECONDS_BETWEEN_LINES = 2.0
_SECONDS_BETWEEN_FRAMES = 0.1
_NARROWEST = 40  # columns that a text is wrapped to
_FIELDS = ("stage", "step", "steps", "loss", "validation_loss", "rate")

if TYPE_CHECKING:
    from rich.console import Console, RenderHook
    from rich.text import Text

    from lstmcli.learning.progress import Progress as Step


class Screen:
    """Standard error, in the current `OutputMode`. always: prints even with --quiet; dated: the local time
    stands before each line where standard error is a file or a pipe, see `manner.wants_times`; wraps: facts
    that are wider than a terminal go on below their start.

    With --log-json everything becomes an event, see `console.events`.
    """

    def __init__(self, always: bool = False, dated: bool = False, wraps: bool = False) -> None:
        self._wraps = wraps
        self._dated = dated and wants_times(sys.stderr)
        self._silent = output_mode().apart or (output_mode().quiet and not always)
        self._as_json = output_mode().log_json
        self._lap_started = time.perf_counter()

    @cached_property
    def _console(self) -> "Console":
        from rich.console import Console

        redraw = can_redraw(sys.stderr)
        console = Console(
            file=styled(sys.stderr),
            quiet=self._silent,
            highlight=False,
            soft_wrap=True,
            width=None if redraw else 100,
            markup=False,
            force_terminal=redraw,
            color_system="standard" if with_colour(sys.stderr) else None,
        )
        console.push_render_hook(_printable_hook())
        return console

    @property
    def live_console(self) -> "Console | None":
        """Where a line can be drawn again and again; None for a file or pipe, --quiet and --log-json."""
        if self._silent or self._as_json:
            return None
        return self._console if self._console.is_terminal else None

    @property
    def as_events(self) -> bool:
        return self._as_json

    def say(self, text: str) -> None:
        """One line; one that starts with `warning: ` is coloured."""
        if self._silent:
            return
        if not self._as_json:
            self._print(printable_line(text), "yellow" if text.startswith("warning: ") else None)
        else:
            emit_text(text)

    def facts(self, rows: list[tuple[str, str]]) -> None:
        """Lines of a name and a text; a text without a name continues the line before."""
        if self._silent:
            return
        last = ""
        for name, text in rows:
            last = name or last
            if not self._as_json:
                for line in self._wrapped(f"{name:<12}{printable_line(text)}"):
                    self._print(line, "yellow" if name == "no skill" else None)
            elif name == "no skill":
                self.tell("warning", message=text, kind="no-skill")
            else:
                self.tell("fact", name=last, message=text)

    def _wrapped(self, line: str) -> list[str]:
        if not self._wraps or not self._console.is_terminal or self._console.width < _NARROWEST:
            return [line]
        return textwrap.wrap(line, self._console.width, subsequent_indent=" " * 12, break_on_hyphens=False)

    def _print(self, line: str, style: str | None = None) -> None:
        before = f"{datetime.now():%Y-%m-%d %H:%M:%S} " if self._dated else ""
        self._console.print(before + line, style=style)

    def tell(self, event: str, **fields: Any) -> None:
        """An event of --log-json only: figures that are printed in another form otherwise."""
        if self._as_json and not self._silent:
            emit(event, **fields)

    def lap(self, stage: str) -> None:
        """The end of a stage: with --verbose, prints how long it took."""
        now = time.perf_counter()
        seconds, self._lap_started = now - self._lap_started, now
        if self._silent or not output_mode().verbose:
            return
        self.tell("timing", stage=stage, seconds=round(seconds, 3))
        if not self._as_json:
            self._print(f"{'timing':<12}{stage}: {seconds:.2f} s")

    def draw(self, drawing: "Callable[[int, str], Text]") -> None:
        """Prints a drawing. drawing: makes it for a width in columns and an encoding."""
        self._console.print(drawing(self._console.width, self._console.encoding), crop=True)

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        if self._silent:
            return
        if self._as_json:
            names = [column or "name" for column in columns]
            self.tell("table", title=title, rows=[dict(zip(names, row, strict=True)) for row in rows])
            return
        from rich.table import Table

        table = Table(title=title, title_justify="left", box=None, pad_edge=False, title_style="")
        for number, column in enumerate(columns):
            table.add_column(column, justify="right" if number else "left")
        for row in rows:
            table.add_row(*row)
        if not self._dated:
            self._console.print(table)
            return
        with self._console.capture() as made:
            self._console.print(table)
        for line in made.get().splitlines():
            self._print(line)

    @contextmanager
    def progress(self, members: int) -> "Iterator[Callable[[Step], None]]":
        """A progress bar on a terminal; elsewhere a line every two seconds at most."""
        console = self.live_console
        if console is None:
            yield self._lines(members)
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns: list[Any] = [
            TextColumn("{task.fields[stage]:<8}"),
            BarColumn(bar_width=12),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[state]}"),
            TimeRemainingColumn(compact=True),
        ]
        # Refreshed here, not by a thread of Rich: no thread may run beside a fork.
        with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
            task = bar.add_task("", total=1, state="", stage="training")
            last, done, stage = "-", dict.fromkeys(range(members), 0), "training"
            last_frame = 0.0

            def update(now: "Step") -> None:
                nonlocal last, last_frame, done, stage
                if now.stage != stage:
                    done, stage = dict.fromkeys(range(members), 0), now.stage
                done[now.member] = now.step
                if now.validation_loss is not None:
                    last = f"{now.validation_loss:.3f}"
                if time.monotonic() - last_frame < _SECONDS_BETWEEN_FRAMES:
                    return
                last_frame = time.monotonic()
                state = f"loss {now.loss:.3f}, validation {last}  {now.rate:,.0f} windows/s"
                total, completed = now.steps * members, sum(done.values())
                bar.update(task, total=total, completed=completed, state=state, stage=stage, refresh=True)

            yield update

    def _lines(self, members: int) -> "Callable[[Step], None]":
        last_line = time.monotonic()

        def update(now: "Step") -> None:
            nonlocal last_line
            worth_a_line = now.validation_loss is not None or now.stage == "refit"
            if not worth_a_line or time.monotonic() - last_line < _SECONDS_BETWEEN_LINES:
                return
            last_line = time.monotonic()
            if self._as_json:
                self.tell(
                    "progress",
                    member=now.member + 1,
                    members=members,
                    **{name: getattr(now, name) for name in _FIELDS},
                )
                return
            which = f"member {now.member + 1}/{members} " if members > 1 else ""
            checked = "" if now.validation_loss is None else f"validation {now.validation_loss:.4f}  "
            self.say(
                f"{now.stage:<12}{which}step {now.step}/{now.steps}  loss {now.loss:.4f}  "
                f"{checked}{now.rate:,.0f} windows/s"
            )

        return update


def _printable_hook() -> "RenderHook":
    """Makes whatever a console prints printable, before it gets its style."""
    from rich.console import RenderHook
    from rich.segment import Segment

    class Printable:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __rich_console__(self, console: "Console", options: Any) -> Iterator[Segment]:
            for part in console.render(self.inner, options):
                yield part if part.control else Segment(printable(part.text), part.style)

    class Hook(RenderHook):
        def process_renderables(self, renderables: list[Any]) -> list[Any]:
            return [Printable(one) for one in renderables]

    return Hook()
