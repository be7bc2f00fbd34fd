"""What is read and decided before anything is learned. Loads no torch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lstmcli.errors import DataError, naming
from lstmcli.forecasting.plan import Plan, decide
from lstmcli.jobs.train.policy import Policy
from lstmcli.jobs.update import plan_like, settings_like
from lstmcli.model_file import Contract, Model, read_model, relative_data_paths
from lstmcli.model_file.limits import check_storable
from lstmcli.series.calendar import Step
from lstmcli.series.endings import ending_notes
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.series.totals import total_notes
from lstmcli.settings.model import Settings
from lstmcli.tables.read import Table, panel_of, read_table
from lstmcli.tables.read.for_contract import contract_of

if TYPE_CHECKING:
    from lstmcli.tables.cache import Cache

Say = Callable[[str, str], None]


@dataclass(frozen=True)
class TrainJob:
    """One training, with nothing left to decide.

    path       the model file that is written; None where the model is only returned
    settings   as they were chosen
    table      what was read, without its rows
    old        the model there is, where something depends on it
    plan       of a whole training
    update     of the short training that starts from `old`, where one is made
    in_pieces  whether data are read by way of a cache
    """

    path: Path | None
    settings: Settings
    table: Table
    panel: Panel
    roles: Roles
    contract: Contract
    plan: Plan
    old: Model | None = None
    update: Plan | None = None
    in_pieces: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed in reading and deciding."""
        return (*self.reading_notes, *self.plan.notes)

    @property
    def reading_notes(self) -> tuple[str, ...]:
        """What was assumed in reading."""
        endings = ending_notes(self.panel)
        return (*self.table.notes, *self.roles.notes, *endings, *total_notes(self.panel))

    @property
    def plan_to_train(self) -> Plan:
        return self.update or self.plan

    @property
    def start(self) -> Model | None:
        """What an update starts from."""
        return self.old if self.update else None

    @property
    def unchanged(self) -> bool:
        """Whether the model there is has these settings and this data."""
        if self.old is None or self.old.contract.data_sha256 != self.contract.data_sha256:
            return False
        ours, theirs = (
            {k: v for k, v in settings.items() if k != "processes"}
            for settings in (self.plan.settings, self.old.settings)
        )
        return ours == theirs


def prepare_job(
    data: list[str],
    path: Path | None,
    settings: Settings,
    policy: Policy,
    old: Model | None = None,
    cache: "Cache | None" = None,
) -> TrainJob:
    """Reads data, by way of a cache where one is named, and decides what is open.

    data: files, or a frame (`FrameSource`); path: see `TrainJob`; old: see `read_old_model`. Raises
    DataError, InputMissing, or SettingsError.
    """
    chosen, start = settings.model_fields_set, old if policy.update else None
    if start:
        settings = settings_like(settings, start)
    step = known_open_times(settings, start)
    table, panel, roles = read_data(data, settings, cache, step)
    with naming(table.source):
        plan = decide(panel, settings)
    if path is None and settings.processes == "auto":
        # To fork is not safe in a process with threads, such as that of a notebook.
        plan = replace(plan, processes=1)
    paths = relative_data_paths(data, path) if path else ()
    contract = contract_of(table, panel, roles, paths)
    update = plan_like(plan, start, contract, "refit" in chosen) if start else None
    check_storable(contract, plan.arch, plan.shape, [c.names for c in panel.categories])
    return TrainJob(path, settings, table, panel, roles, contract, plan, old, update, cache is not None)


def known_open_times(settings: Settings, start: Model | None) -> Step | None:
    """The step of a model to update where it counts open times: new rows may be too few to learn them."""
    known = start is not None and start.contract.step.kind == "open" and settings.open == "auto"
    return start.contract.step if start is not None and known else None


def read_data(
    data: list[str], settings: Settings, cache: "Cache | None", step: Step | None = None
) -> tuple[Table, Panel, Roles]:
    """The table without its rows, which would take memory as long as the training lasts."""
    if cache is not None:
        from lstmcli.tables.cache import panel_for_training

        return panel_for_training(data, settings, cache, step)
    table = read_table(data, settings.options)
    panel, roles = panel_of(table, settings, step)
    return table.without_rows(), panel, roles


def read_old_model(path: Path, policy: Policy, say: Say) -> Model | None:
    """The model that would be replaced, where the policy asks for it."""
    if not (policy.update or policy.if_changed or policy.keep_best):
        return None
    if not path.is_file():
        if policy.update:
            say("update", f"there is no {path} yet: trained from scratch")
        return None
    try:
        return read_model(path)
    except DataError as error:
        if policy.update:
            raise
        say("warning", f"not compared with the model there is: {error}")
        return None
