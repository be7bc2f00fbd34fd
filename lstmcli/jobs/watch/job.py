"""`lstmcli watch`: rows that are not what was expected of them."""

import gc
from collections.abc import Callable
from contextlib import nullcontext

from lstmcli.errors import ConditionFailed
from lstmcli.errors.findings import plural
from lstmcli.files.checked import Output, check_outputs, page_output
from lstmcli.files.locks import hold_lock
from lstmcli.files.output import write_out
from lstmcli.jobs.reporter import Reporter
from lstmcli.jobs.watch.opening import open_watched
from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.jobs.watch.page import write_watch_page
from lstmcli.jobs.watch.watched import Watched, watched
from lstmcli.model_file import data_paths
from lstmcli.model_file.watch_state import check_watched, columns_of, read_state, write_state
from lstmcli.network.builtin_file import is_builtin
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.write.alarms import alarm_content, alarm_lines
from lstmcli.tables.write.dialects import dialect_of_table, output_dialect
from lstmcli.tables.write.forms import check_form

_TOLD = 5  # alarms that are named at most


def watch_files(
    options: WatchOptions,
    report: Reporter,
    event: Callable[..., None] | None = None,
    plugin_line: Callable[[Watched], str] | None = None,
) -> Watched:
    """Judges, and writes the rows and the page; the state comes last, when all of that is taken: an alarm is
    told twice rather than never.

    event: receives "alarm" and its fields for each alarm that begins or ends; plugin_line: makes what is
    written for the form "nagios". Raises the errors of reading
    and writing; Locked where another run has the state; ConditionFailed, when all is written, where an alarm
    begins and `options.fail` asks for it.
    """
    options.check()
    check_form(options.form, options.output, options.dialect)
    outputs = [Output("-o", options.output, options.form), page_output(options.html)]
    # The state is read too, and says by itself what it is.
    outputs.append(Output("--state", options.state))
    check_outputs(outputs, [options.model, *options.data, *filter(None, [options.config])])
    lock = nullcontext() if options.state is None else hold_lock(options.state, busy="is in use by {holder}")
    with lock:
        state = None if options.state is None else read_state(options.state)
        model, given = open_watched(options, state)
        if not options.data and not is_builtin(options.model):
            check_outputs(outputs, data_paths(model, options.model, "watch"))
        gc.freeze()
        for note in given.notes:
            report.say(f"note: {note}")
        report.lap("reading")
        if state is not None:
            check_watched(state, columns_of(model.contract.roles, given.panel.step), str(options.state))
        found = watched(model, given, options, state)
        for note in found.notes:
            report.say(f"note: {note}")
        report.lap("judging")
        taken = _write(options, found, given, plugin_line)
        if options.html is not None:
            write_watch_page(options.html, found, given.source, given.notes)
        if event is not None:
            for line in alarm_lines(found.rows, found.names):
                event("alarm", **line)
        if options.state is not None and taken:
            write_state(options.state, found.state)
    report.say(found.summary)
    if options.fail:
        check_alarms(found)
    return found


def check_alarms(found: Watched) -> None:
    """Raises ConditionFailed, with a line for each of the first, where alarms begin."""
    count = int(found.rows.faults.sum())
    if not count:
        return
    lines = found.first_messages(_TOLD)
    last = [f"and {count - len(lines):,} more; the output has all"] if count > len(lines) else []
    head = f"{plural(count, 'fault')}:"
    raise ConditionFailed("\n".join([head, *lines, *last]))


def _write(
    options: WatchOptions,
    found: Watched,
    given: ModelData,
    plugin_line: Callable[[Watched], str] | None,
) -> bool:
    """Says whether a reader has taken it."""
    if plugin_line is not None:
        return write_out(plugin_line(found), options.output)
    dialect = output_dialect(dialect_of_table(given.table), options.dialect, options.form, options.output)
    every = options.every or options.form == "prom"
    rows = found.rows if every else found.rows.select(found.rows.changes)
    content = alarm_content(rows, found.names, options.form, dialect, found.kinds_on)
    return (not content and options.output == "-") or write_out(content, options.output, dialect.encoding)
