"""`lstmcli predict --follow`: rows on standard input, a forecast for each on standard output."""

import os
import select
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lstmcli.errors import DataError, InputMissing, UsageError
from lstmcli.errors.findings import plural
from lstmcli.files.output import write_out
from lstmcli.files.read import is_pipe
from lstmcli.jobs.follow.follower import Follower
from lstmcli.jobs.follow.watched_model import WatchedModel, apply_reload
from lstmcli.jobs.forecast_options import PredictOptions, check_alarms_watched, options_needing_all_data
from lstmcli.model_file import Model
from lstmcli.model_file.contract import options_with
from lstmcli.network.builtin_file import is_builtin
from lstmcli.settings.conditions import threshold
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import read_table
from lstmcli.tables.read.bounds import LONGEST_ROW
from lstmcli.tables.read.files import TableFiles
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.text import FILE

_BYTES_AT_ONCE = 2**16
_LONGEST_WAIT = 86_400.0  # seconds


def follow_stream(
    options: PredictOptions, say: Callable[[str], None], say_always: Callable[[str], None]
) -> None:
    """Forecasts after every row until the input ends or nobody reads the output.

    say: receives notes and warnings; say_always: rows that are skipped, which are reported even when
    nothing else is. Raises UsageError, and DataError for a history or a header that cannot be used.
    """
    check_stream_options(options)
    check_alarms_watched(options)
    builtin, history = _builtin(options) if is_builtin(options.model) else (None, None)
    file = WatchedModel(options.model, builtin)
    model = _with_policies(file.model, options)
    check_stream_model(model)

    refuse = row_refusal(options, say_always)
    how = options.forecast, options.form, say, refuse, options.dialect, options.fail_on
    follower = Follower(model, model.contract.roles, *how)
    if options.history is not None:
        follower.seed(once_more(history, str(options.history), model.contract.options))
    for lines in bursts(standard_input()):
        apply_reload(file, follower, say)
        for text in follower.answers(lines):
            if not write_out(text, "-"):
                return
    known = f"; {follower.known_already:,} already in --history" if follower.known_already else ""
    say(f"note: end of input: {plural(follower.rows, 'row')}, {follower.answered:,} answered{known}")


def row_refusal(options: PredictOptions, say: Callable[[str], None]) -> Callable[[DataError], None]:
    """What is done with the error of a row: raised, or said."""

    def refuse(error: DataError) -> None:
        if options.on_bad_row == "error":
            raise error
        say(f"lstmcli: {error}; the row is skipped [{error.kind}]")

    return refuse


def once_more(given: ModelData | None, path: str, reading: ReadOptions) -> Table:
    """The table of a history with other options; a pipe is opened once. given: what was read of it, None for
    nothing."""
    if given is None or given.table is None or not is_pipe(path):
        return read_table(path, reading, keys_known=True)
    opened = {part.source.name: (part.source, part.dialect) for part in given.table.parts}
    return TableFiles([*opened], reading, opened=opened).whole_table()


def _builtin(options: PredictOptions) -> tuple[Model, ModelData]:
    """The built-in network for the columns and the step of the history, and the history."""
    from lstmcli.jobs.builtin import open_builtin

    if options.history is None:
        raise UsageError(
            "--follow: the built-in network learns columns, step and season from earlier rows: "
            "give them with --history FILE"
        )
    from lstmcli.settings.model import Settings

    chosen = options.settings.model_dump(exclude_unset=True) if options.settings is not None else {}
    settings = Settings.model_validate({"on_gap": "mask"} | chosen)  # as of the stream
    return open_builtin([str(options.history)], settings)


def bursts(
    descriptor: int,
    at_once: int = _BYTES_AT_ONCE,
    longest: int = LONGEST_ROW,
    wait: Callable[[], float | None] | None = None,
) -> Iterator[list[bytes]]:
    """The lines of a file that can be read at once, without their ends; waits for more without using
    the processor. A last line without an end is given when the file ends.

    at_once: bytes; longest: bytes of a line, of a longer one the first of them and some more are given;
    wait: says for how many seconds to wait, None for ever: no lines are given when nothing came by then.
    """
    rest = b""
    while True:
        if wait is not None and not _comes(descriptor, wait()):
            yield []
            continue
        if not (block := os.read(descriptor, at_once)):
            break
        if len(rest) > longest:  # it is refused: what follows in it is left out
            block = block[block.find(b"\n") :] if b"\n" in block else b""
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            yield lines
    if rest:
        yield [rest]


def _comes(descriptor: int, seconds: float | None) -> bool:
    """Whether there is something to read within so many seconds."""
    most = None if seconds is None else min(max(seconds, 0.0), _LONGEST_WAIT)
    return bool(select.select([descriptor], [], [], most)[0])


def check_stream_options(options: PredictOptions) -> None:
    """Raises UsageError for options that a stream has no use for."""
    if options.data != ("-",):
        raise UsageError("--follow reads standard input: lstmcli predict - --follow")
    unfit = {
        "--output": options.output != "-",
        **{f"--format {form}": options.form == form for form in ("json", "parquet", "xlsx")},
        **options_needing_all_data(options),
    }
    for flag, given in unfit.items():
        if given:
            hint = " Use ndjson." if flag.startswith("--format") else ""
            raise UsageError(f"{flag} cannot be combined with --follow.{hint}")
    if options.cross is not None:
        sign, value = threshold(options.cross)
        marked = f"--fail-on 'forecast {sign} {value:g}'"
        raise UsageError(f"--cross cannot be combined with --follow. {marked} marks every answer.")
    options.dialect.check(options.form)


def check_stream_model(model: Model) -> None:
    contract = model.contract
    if contract.roles.future:
        columns = ", ".join(contract.roles.future)
        raise UsageError(
            f"--follow: the model needs future values of {columns}, which a stream does not have"
        )
    if FILE in contract.roles.series:
        raise UsageError("--follow: this model tells series apart by file; a stream is a single one")
    if contract.options.resample and contract.step.plain:
        raise UsageError("--follow: rows without dates cannot be resampled as they arrive")


def _with_policies(model: Model, options: PredictOptions) -> Model:
    """A stream goes on after a gap: it is left missing where the model was trained to refuse it."""
    trained = model.contract.options
    usual = {"on_gap": "mask" if trained.on_gap == "error" else trained.on_gap}
    policies: dict[str, Any] = usual | options.policies
    return replace(model, contract=replace(model.contract, options=options_with(model.contract, policies)))


def standard_input() -> int:
    """Its descriptor. Raises InputMissing where it is closed."""
    if sys.__stdin__ is None:
        raise InputMissing("standard input: closed")
    return sys.__stdin__.fileno()
