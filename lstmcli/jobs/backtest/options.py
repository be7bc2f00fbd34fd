"""What the options of `lstmcli backtest` ask for."""

from dataclasses import dataclass
from pathlib import Path

from lstmcli.errors import UsageError
from lstmcli.files.checked import Output, check_outputs, page_output, picture_output
from lstmcli.files.endings import TABLE_ENDINGS, form_to_write
from lstmcli.network.builtin_file import is_builtin
from lstmcli.settings.choices import Alignment, ReportFormat
from lstmcli.tables.write.dialects import AS_IN_DATA, AskedDialect
from lstmcli.tables.write.forms import check_form


@dataclass(frozen=True)
class BacktestOptions:
    """What is backtested, and how. None where the data or the model decide.

    data         files; None for those that the model was trained on
    model        file to score as it is; with `refit`, whose settings each fold is trained with
    config, assignments  settings to train with: a YAML file, and texts of --set
    folds, stride  how many origins, and steps from one to the next
    baselines    statistical models to compare with, of `statistical.STATISTICAL_MODELS`
    cache        folder of --cache

    Raises UsageError for options that contradict each other.
    """

    data: list[str] | None = None
    model: Path | None = None
    config: Path | None = None
    assignments: tuple[str, ...] = ()
    refit: bool = False
    horizon: int | None = None
    folds: int | None = None
    stride: int | None = None
    align: Alignment | None = None
    baselines: tuple[str, ...] = ()
    cache: Path | None = None

    def __post_init__(self) -> None:
        if self.is_builtin and self.refit:
            raise UsageError("--refit: leave out -m builtin: without it a model is trained for each fold")
        if self.model is not None and self.config is not None and not self.is_builtin:
            raise UsageError("--model has its settings: leave out --config, or --model")
        if self.data is None and self.model is None:
            raise UsageError("name a CSV file, or a model with -m whose data is read again")

    @property
    def is_builtin(self) -> bool:
        """Whether the built-in network is scored."""
        return self.model is not None and is_builtin(self.model)

    @property
    def trains(self) -> bool:
        """Whether a model is trained for each fold."""
        return self.model is None or self.refit


@dataclass(frozen=True)
class BacktestOutputs:
    """Files to write, "-" for standard output; None for none.

    table: every forecast, in the form of its ending, else as CSV; plot: picture; html: page; form: of the
    report on standard output; dialect: what is asked of CSV; inputs: files that are read;
    show_last: values drawn before the first forecast of the picture.

    Raises UsageError where two go to one place, for an ending that is not known, and for a file that is
    read or of another kind; CannotCreate for a file that cannot be written.
    """

    table: str | None = None
    plot: Path | None = None
    html: str | None = None
    form: ReportFormat = "text"
    dialect: AskedDialect = AS_IN_DATA
    inputs: tuple[str, ...] = ()
    show_last: int | None = None

    def __post_init__(self) -> None:
        there = [flag for flag, path in (("--output", str(self.table)), ("--html", self.html)) if path == "-"]
        there += [f"--format {self.form}"] if there and self.form != "text" else []
        if len(there) > 1:
            raise UsageError(f"{' and '.join(there)} both go to standard output: name a file for {there[0]}")
        if self.table is not None:
            check_form(self.table_form, self.table, self.dialect)
        elif self.dialect != AS_IN_DATA:
            raise UsageError("--write-separator and --write-decimal are for the table of -o: name one")
        if self.show_last is not None and self.plot is None:
            raise UsageError("--show-last is for the picture of --plot: give it too")
        table = Output("-o", self.table, self.table_form if self.table is not None else "")
        check_outputs([table, picture_output(self.plot), page_output(self.html)], self.inputs)

    @property
    def table_form(self) -> str:
        return form_to_write(str(self.table), TABLE_ENDINGS, "csv")

    @property
    def prints_report(self) -> bool:
        """Whether the report goes to standard output."""
        return "-" not in (str(self.table), self.html)
