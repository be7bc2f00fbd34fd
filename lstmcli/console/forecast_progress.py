"""How many series are forecast: a line on a terminal that is drawn again, for a forecast that takes long."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lstmcli.console.manner import can_redraw
from lstmcli.console.screen import Screen

_SECONDS_UNTIL_SHOWN = 1.0  # most forecasts are done before, and load nothing for it
_SECONDS_BETWEEN_FRAMES = 0.2


@contextmanager
def forecast_progress(screen: Screen, data_on_screen: bool) -> Iterator[Callable[[int, int], None]]:
    """Receives the series that are written so far, and all. data_on_screen: nothing is drawn among rows."""
    counts = [0, 1]
    over = threading.Event()

    def draw() -> None:
        if over.wait(_SECONDS_UNTIL_SHOWN) or (console := screen.live_console) is None:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        text = TextColumn("forecasting {task.completed:,.0f} of {task.total:,.0f} series")
        columns = text, BarColumn(bar_width=12), TimeElapsedColumn()
        with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
            task = bar.add_task("", total=1)
            while not over.wait(_SECONDS_BETWEEN_FRAMES):
                bar.update(task, completed=counts[0], total=counts[1], refresh=True)

    def update(done: int, total: int) -> None:
        counts[:] = done, total

    if data_on_screen or not can_redraw(sys.stderr):
        yield update
        return
    thread = threading.Thread(target=draw, daemon=True)
    thread.start()
    try:
        yield update
    finally:
        over.set()
        thread.join()
