"""One file of many, read where a worker runs: what a forecast looks at, and what is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lstmcli._version import __version__
from lstmcli.errors import DataError, LstmcliError, Unavailable
from lstmcli.errors.findings import Finding, accept_findings
from lstmcli.forecasting.forecast import check_positive
from lstmcli.model_file import Model
from lstmcli.model_file.contract import check_contract, unseen_categories
from lstmcli.series.horizon_rows import check_future_rows
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import Table, panel_for_contract, read_table, time_pattern
from lstmcli.tables.read.files import named_columns
from lstmcli.tables.read.for_contract import roles_of
from lstmcli.tables.read.text import FILE


@dataclass(frozen=True)
class FileJob:
    """What is asked of every file; sent to the workers once.

    steps: to forecast; wanted: quantiles of the output; several: whether there are more files than one,
    which are then told apart by their names; refused: kinds of findings that are errors.
    """

    model: Model
    options: ReadOptions
    steps: int
    wanted: tuple[float, ...]
    form: str
    several: bool
    refused: frozenset[str]
    version: str = __version__

    @property
    def roles(self) -> Roles:
        return roles_of(self.model.contract)


@dataclass(frozen=True)
class FileFacts:
    """What is known of a file without its values.

    columns: as they stand in it; keys: of its series, without the names of targets; pattern: how its
    time stamps are written; number: "i" or "f" where names of series were read as whole or as other
    numbers; notes: what was assumed in reading; findings: how it differs from the data of training;
    error: why it cannot be used.
    """

    name: str
    columns: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    pattern: str | None = None
    numbers: str = ""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    error: LstmcliError | None = None


@dataclass(frozen=True)
class FilePart:
    """A file on a worker; panel: the rows that a forecast looks at, None where there are none."""

    told: FileFacts
    panel: Panel | None = None


def read_part(job: FileJob, path: str, name: str) -> FilePart:
    """path: where every worker finds the file; name: what messages call it.

    An error in the file is told, not raised. Raises Unavailable on a worker of another version.
    """
    if job.version != __version__:
        raise Unavailable(f"a worker has lstmcli {__version__}, this is {job.version}")
    told = FileFacts(name)
    try:
        table = read_table(
            path, job.options, with_file=job.several or FILE in job.roles.series, may_be_empty=True
        )
        told = replace(told, columns=named_columns(table), notes=table.notes)
        return FilePart(told) if table.frame.empty else _usable(job, table, told)
    except LstmcliError as error:
        return FilePart(replace(told, error=_renamed(error, path, name)))


def file_facts(part: FilePart) -> FileFacts:
    return part.told


def _usable(job: FileJob, table: Table, told: FileFacts) -> FilePart:
    """Raises what `predict` of the file alone would."""
    model, roles = job.model, job.roles
    panel, notes = panel_for_contract(table, roles, model.contract.step)
    findings = list(accept_findings(check_contract(panel, model), job.refused, table.source))
    shape, arch = model.network.shape, model.network.arch
    if panel.categories:
        findings += unseen_categories(panel.with_horizon(job.steps, shape.context), model)
    check_positive(panel, model.network.scaling)
    check_future_rows(panel, job.steps)
    told = replace(
        told,
        keys=panel.keys[: len(panel) // len(roles.targets)],
        pattern=time_pattern(table, roles.time),
        numbers=_numbers(table, roles.series),
        notes=(*told.notes, *notes),
        findings=tuple(findings),
    )
    return FilePart(told, panel.with_horizon(job.steps, shape.context + arch.horizon))


def _numbers(table: Table, columns: Sequence[str]) -> str:
    kinds = [table.frame[column].dtype.kind for column in columns]
    return "".join(kind if kind in "if" else "" for kind in kinds)


def _renamed(error: LstmcliError, path: str, name: str) -> LstmcliError:
    """The error with the file as the user named it."""
    text = str(error).replace(path, name)
    if isinstance(error, DataError):
        told = DataError(error.kind, text)
        told.path, told.row, told.column = name, error.row, error.column
        return told
    return type(error)(text)
