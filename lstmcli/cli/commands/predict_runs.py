"""The three ways of `lstmcli predict`: files as one table, many files by Dask, and rows as they come."""

import gc
import sys
from typing import TYPE_CHECKING

from lstmcli.jobs.forecast_options import PredictOptions

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen


def forecast_as_one_table(options: PredictOptions, screen: "Screen") -> None:
    """Writes the forecast, or the rows that --future needs. Raises ConditionFailed at the end."""
    gc.disable()  # until the data is read: what is loaded until then is not garbage
    try:
        from lstmcli.console.forecast_progress import forecast_progress
        from lstmcli.console.manner import output_mode
        from lstmcli.console.screen import Screen
        from lstmcli.jobs.forecast_files import forecast_files, write_future_rows
        from lstmcli.network.builtin_file import name_of_model

        if options.make_future is not None:
            write_future_rows(options, screen)
            return
        loud = Screen(always=True)  # a condition that holds is told with -q too
        event = loud.tell if output_mode().log_json else None
        data_on_screen = options.output == "-" and sys.stdout.isatty()
        with forecast_progress(screen, data_on_screen) as progress:
            written = forecast_files(options, screen, event=event, progress=progress)
    finally:
        gc.enable()
    about = {"output": options.output, "form": options.form, "model": name_of_model(options.model)}
    loud.tell("wrote", **about, series=written.series, steps=written.steps)
    if options.preview:
        from lstmcli.reports.preview import preview_of

        screen.draw(preview_of(written.panel, written.forecast, written.targets[0]))
    written.check()


def forecast_by_dask(options: PredictOptions, screen: "Screen") -> None:
    """Each file by a worker."""
    from lstmcli.jobs.many_files.job import forecast_many

    forecast_many(options, screen)


def forecast_stream(options: PredictOptions, screen: "Screen") -> None:
    """An answer or a judgement for each row that arrives."""
    from lstmcli.console.manner import output_mode
    from lstmcli.console.screen import Screen

    loud = Screen(always=True)  # a row that is left out is reported with -q too
    if options.watch:
        from lstmcli.jobs.follow.watch_stream import watch_stream

        watch_stream(options, screen.say, loud.say, loud.tell if output_mode().log_json else None)
        return
    from lstmcli.jobs.follow.stream import follow_stream

    follow_stream(options, screen.say, loud.say)
