"""`lstmcli predict --follow`: rows on standard input, a forecast for each on standard output."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lstmcli.errors import DataError
from lstmcli.jobs.forecast_options import PredictOptions, options_needing_all_data

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.jobs.follow import Follower
    from lstmcli.model_file import Model


def answer_rows(asked: PredictOptions, screen: "Screen") -> None:
    """Answers every row until the input ends or nobody reads the output.

    Raises UsageError, and DataError for a history or a header that cannot be used.
    """
    from lstmcli.files.output import write_out
    from lstmcli.jobs.follow import Follower, ForecastRequest, WatchedModel, apply_reload, bursts
    from lstmcli.tables.read.for_contract import roles_of

    _check_options(asked)
    file = WatchedModel(asked.model)
    model = _with_policies(file.model, asked)
    _check_model(model)
    wish = ForecastRequest(asked.horizon, asked.levels, asked.form, asked.refused)
    follower = Follower(model, roles_of(model.contract), wish, screen.say, _refusing(asked))
    _seed(asked, model, follower)
    for lines in bursts(_standard_input()):
        apply_reload(file, follower, screen.say)
        for text in follower.answers(lines):
            if not write_out(text, "-"):
                return
    known = f"; {follower.known_already:,} that --history holds" if follower.known_already else ""
    screen.say(f"note: end of input: {follower.rows:,} rows, {follower.answered:,} answered{known}")


def _check_options(asked: PredictOptions) -> None:
    from lstmcli.errors import UsageError

    if asked.data != ("-",):
        raise UsageError("--follow reads standard input: lstmcli predict - --follow")
    unfit = {
        "--output": asked.output != "-",
        "--format json": asked.form == "json",
        "--format parquet": asked.form == "parquet",
        **options_needing_all_data(asked),
    }
    for flag, given in unfit.items():
        if given:
            hint = "; take ndjson" if flag.startswith("--format") else ""
            raise UsageError(f"--follow goes on without end: {flag} does not fit it{hint}")


def _check_model(model: "Model") -> None:
    from lstmcli.errors import UsageError
    from lstmcli.tables.read.text import FILE

    contract = model.contract
    if contract.future:
        columns = ", ".join(contract.future)
        raise UsageError(f"--follow: the model needs what is known ahead ({columns}), which no stream tells")
    if FILE in contract.series:
        raise UsageError("--follow: the series of this model are told apart by their files")
    if contract.options.resample and contract.step.plain:
        raise UsageError("--follow: rows without dates cannot be resampled as they arrive")


def _with_policies(model: "Model", asked: PredictOptions) -> "Model":
    """A stream goes on after a gap: it is left missing where the model was trained to refuse it."""
    trained = model.contract.options
    usual = {"on_gap": "mask" if trained.on_gap == "error" else trained.on_gap}
    policies: dict[str, Any] = usual | asked.policies
    return replace(model, contract=replace(model.contract, options=replace(trained, **policies)))


def _refusing(asked: PredictOptions) -> Any:
    """What is done with a row that cannot be used: said, also with -q, or raised."""
    from lstmcli.console.screen import Screen

    loud = Screen(always=True)

    def refuse(error: DataError) -> None:
        if asked.on_bad_row == "error":
            raise error
        loud.say(f"lstmcli: {error}; the row is left out [{error.kind}]")

    return refuse


def _seed(asked: PredictOptions, model: "Model", follower: "Follower") -> None:
    from lstmcli.tables.read import read_table

    if asked.history is not None:
        follower.seed(read_table(str(asked.history), model.contract.options))


def _standard_input() -> int:
    from lstmcli.errors import InputMissing

    if sys.__stdin__ is None:
        raise InputMissing("standard input: closed")
    return sys.__stdin__.fileno()
