"""One file of many, read and forecast where a worker runs."""

from dataclasses import dataclass, replace
from typing import Any

from lstmcli._version import __version__
from lstmcli.errors import DataError, LstmcliError, Unavailable
from lstmcli.errors.findings import Finding
from lstmcli.jobs.forecast import ForecastResult, ForecastSource, forecast
from lstmcli.jobs.forecast_options import ForecastOptions
from lstmcli.model_file import Model
from lstmcli.series.panel import Key
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import Table, panel_for_contract, read_table, time_pattern
from lstmcli.tables.read.file_columns import named_columns
from lstmcli.tables.read.text import FILE
from lstmcli.tables.write.dialects import (
    AS_IN_DATA,
    PLAIN_DIALECT,
    TEXT_TABLES,
    AskedDialect,
    OutputDialect,
    dialect_of_table,
    output_dialect,
)
from lstmcli.tables.write.forms import OutputForm, form_of


@dataclass(frozen=True)
class FileJob:
    """What is done with every file; sent to the workers once.

    options  of reading
    form     of the output
    several  whether there are more files than one, which are then told apart by their names
    dialect  what is asked of CSV
    output   path of the output, "-" for standard output
    """

    model: Model
    options: ReadOptions
    forecast: ForecastOptions
    form: str
    several: bool
    dialect: AskedDialect = AS_IN_DATA
    output: str = "-"
    version: str = __version__

    @property
    def roles(self) -> Roles:
        return self.model.contract.roles


@dataclass(frozen=True)
class FileFacts:
    """What is known of a file without its values.

    columns   as they stand in it
    keys      of its series, without the names of targets
    pattern   how its time stamps are written
    dialect   in which its rows are written as CSV
    notes     what was assumed in reading
    findings  how it differs from the data of training
    error     why it cannot be used
    """

    name: str
    columns: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    pattern: str | None = None
    dialect: OutputDialect = PLAIN_DIALECT
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    error: LstmcliError | None = None


@dataclass(frozen=True)
class FileForecast:
    """rows: for each target, the rows of its series as pieces of `form`; none for a file without rows."""

    facts: FileFacts
    form: OutputForm | None = None
    rows: tuple[list[Any], ...] = ()


def forecast_file(job: FileJob, path: str, name: str) -> FileForecast:
    """path: where every worker finds the file; name: what messages call it.

    An error in the file is part of the result. Raises Unavailable on a worker of another version.
    """
    if job.version != __version__:
        raise Unavailable(f"a worker has lstmcli {__version__}, this is {job.version}")
    facts = FileFacts(name)
    try:
        with_file = job.several or FILE in job.roles.series
        table = read_table(path, job.options, with_file, may_be_empty=True, keys_known=True)
        facts = replace(facts, columns=named_columns(table), notes=table.notes)
        return FileForecast(facts) if table.frame.empty else _forecast(job, table, facts)
    except LstmcliError as error:
        return FileForecast(replace(facts, error=_renamed(error, path, name)))


def _forecast(job: FileJob, table: Table, facts: FileFacts) -> FileForecast:
    """Raises what `predict` of the file alone would."""
    roles, findings = job.roles, list[Finding]()
    panel, notes = panel_for_contract(table, roles, job.model.contract.step)
    result = forecast(job.model, ForecastSource(panel, table.source), job.forecast, findings.append)
    pattern, dialect = time_pattern(table, roles.time), PLAIN_DIALECT
    if job.form in TEXT_TABLES:
        dialect = output_dialect(dialect_of_table(table), job.dialect, job.form, job.output)
        dialect = replace(dialect, encoding="utf-8")  # one for all files
    count = len(panel) // len(roles.targets)
    facts = replace(
        facts,
        keys=panel.keys[:count],
        pattern=pattern,
        dialect=dialect,
        notes=(*facts.notes, *notes),
        findings=tuple(findings),
    )
    form = form_of(job.form, panel.key_names, roles.time or "step", pattern, result.quantiles, dialect)
    return FileForecast(facts, form, tuple(_rows(result, form, count)))


def _rows(result: ForecastResult, form: OutputForm, count: int) -> "list[list[Any]]":
    """The rows of each target, which has `count` neighbouring series."""
    firsts = range(0, len(result.panel), count)
    parts = (replace(result, panel=result.panel.select(slice(at, at + count))) for at in firsts)
    return [list(target.blocks(form.of)) for target in parts]


def _renamed(error: LstmcliError, path: str, name: str) -> LstmcliError:
    """The error with the file as the user named it."""
    text = str(error).replace(path, name)
    if isinstance(error, DataError):
        renamed = DataError(error.kind, text)
        renamed.path, renamed.row, renamed.column = name, error.row, error.column
        return renamed
    return type(error)(text)
