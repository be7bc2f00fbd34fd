"""One training, from data to a model: `run_training`, which the command line and Python share.

Its stages: read and decide, learn, judge, write. Where torchrun started several processes, `run`
says of each stage whether the first process runs it or all do.
"""

import json
import math
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lstmcli.errors import SettingsError, UsageError
from lstmcli.files.checked import Output, check_outputs, page_output
from lstmcli.files.locks import hold_lock
from lstmcli.files.read import read_once
from lstmcli.jobs.train.dry_run import DryRun, preview
from lstmcli.jobs.train.judge import is_replaced, skill_error
from lstmcli.jobs.train.learn import import_torch, learn, trained_model
from lstmcli.jobs.train.policy import Policy
from lstmcli.jobs.train.prepare import TrainJob, prepare_job, read_old_model
from lstmcli.jobs.train.reporter import SilentReporter, TrainReporter
from lstmcli.jobs.train.resume import job_identity, open_checkpoint
from lstmcli.learning.checkpoint.control import Control, stopped_by_signals
from lstmcli.learning.checkpoint.file import checkpoint_path, differences
from lstmcli.learning.processes.group import SINGLE_PROCESS, ProcessGroup
from lstmcli.model_file import Model, write_readable_model
from lstmcli.settings.model import Settings

if TYPE_CHECKING:
    from lstmcli.learning.train import TrainingResult
    from lstmcli.reports.html.learning import LossHistory
    from lstmcli.tables.cache import Cache


@dataclass(frozen=True)
class TrainRequest:
    """What is to be trained.

    data      files, "-" for standard input; or a frame (`FrameSource`)
    settings  gives them; every process of a joint training reads its own
    path      the model file to write. Without one the model is only returned, and the settings of
              PyTorch and the handlers of signals are left as they are
    cache     folder of caches
    html      file of a report, "-" for standard output
    dry_run   whether to say what would be done, and do nothing
    """

    data: list[str]
    settings: Callable[[], Settings]
    path: Path | None = None
    policy: Policy = field(default_factory=Policy)
    cache: Path | None = None
    html: str | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class TrainResult:
    """What came of a request.

    model    the one that was trained; None in a dry run, where nothing was to be done, where the model
             there is was kept, and in all processes of a joint training but the first
    dry_run  what would be done
    seconds  that learning and writing took
    """

    job: TrainJob
    model: Model | None = None
    dry_run: DryRun | None = None
    seconds: float = 0.0


def run_training(
    request: TrainRequest, report: TrainReporter | None = None, group: ProcessGroup = SINGLE_PROCESS
) -> TrainResult:
    """Trains a model, and writes it where the request names a file.

    report: receives what is done; group: the processes that train together, of which the first writes.

    Raises UsageError, SettingsError, DataError, InputMissing, CannotCreate, Locked; TrainingDiverged
    when the loss is lost; ConditionFailed where the skill is too low; Interrupted after a signal, the
    state being saved. The model there is stays as it was then.
    """
    return _Training(request, report or SilentReporter(), group).run()


@dataclass(frozen=True)
class _Training:
    request: TrainRequest
    report: TrainReporter
    group: ProcessGroup

    def run(self) -> TrainResult:
        request, group = self.request, self.group
        group.run_on_first(self.check_files)
        settings = group.run_on_all(request.settings)
        with ExitStack() as held:
            if request.path and not request.dry_run:
                group.run_on_first(
                    held.enter_context,
                    hold_lock(request.path, request.policy.lock_wait, unlocked=self.unlocked),
                )
            until = self.end_time()
            old = group.run_on_first(self.read_old)
            job = self.prepare(settings, old)
            self.report.lap("reading")
            if request.policy.if_changed and job.unchanged and not request.dry_run:
                self.note("unchanged", f"{job.path} has these data and settings: nothing is done")
                return TrainResult(job)
            self.report.prepared(job, group.world)
            if request.dry_run:
                return TrainResult(job, dry_run=group.run_on_first(preview, job, request.policy.restart))
            started = time.perf_counter()
            model = self.learn_and_write(job, until)
            return TrainResult(job, model, seconds=time.perf_counter() - started)

    def check_files(self) -> None:
        """Raises UsageError where processes would share standard input, each getting a part; what
        `check_outputs` raises."""
        request = self.request
        if not self.group.is_single and (once := read_once(request.data)):
            raise UsageError(f"{once[0]}: the processes of torchrun cannot share it; name a file")
        outputs = [Output("-m", request.path, "model"), page_output(request.html)]
        if request.path:
            # A checkpoint that is gone on from says by itself that it is none.
            form = "checkpoint" if request.policy.restart else ""
            outputs.append(Output("the checkpoint of -m", checkpoint_path(request.path), form))
        check_outputs(outputs, request.data)

    def end_time(self) -> float:
        """When a training that begins now is to end, in monotonic seconds."""
        limit = self.request.policy.max_time
        return math.inf if limit is None else time.monotonic() + limit

    def read_old(self) -> Model | None:
        path = self.request.path
        return read_old_model(path, self.request.policy, self.note) if path else None

    def prepare(self, settings: Settings, old: Model | None) -> TrainJob:
        """Reads and decides, in every process."""
        request, cache = self.request, self.cache()
        make = partial(prepare_job, request.data, request.path, settings, request.policy, old, cache)
        if cache is not None and cache.writes and not self.group.is_single:
            self.group.run_on_first(self.fill_cache, make)
        job = self.group.run_on_all(make)
        self.group.run_on_all(self.check_same, job)
        return job

    def fill_cache(self, make: Callable[[], TrainJob]) -> None:
        """Reads once in the first process: the others then find the cache."""
        make()

    def cache(self) -> "Cache | None":
        if self.request.cache is None:
            return None
        from lstmcli.tables.cache import Cache

        return Cache(self.request.cache, self.note, writes=not self.request.dry_run)

    def check_same(self, job: TrainJob) -> None:
        """Raises SettingsError where this process has other data, settings or versions than the first,
        or where a batch has fewer windows than there are processes."""
        if self.group.is_single:
            return
        ours, batch = json.loads(json.dumps(job_identity(job))), job.plan.learning.batch
        if different := differences(self.group.broadcast(ours), ours, "first process:", "here:"):
            raise SettingsError(f"different from the first process: {', '.join(different)}")
        if batch < self.group.world:
            raise SettingsError(
                f"batch {batch}: each of the {self.group.world} processes of torchrun needs a window"
            )

    def learn_and_write(self, job: TrainJob, until: float) -> Model | None:
        """Trains, and writes what is good enough; None where the model there is was kept, and in all
        processes but the first."""
        request, first = self.request, self.group.is_first
        checkpoint = open_checkpoint(job, request.policy.restart, self.report, self.group)
        import_torch()
        history = self.loss_history()
        control = Control(request.policy.checkpoint_every if first else math.inf, until, self.group)
        with stopped_by_signals(control) if job.path else nullcontext():
            with self.report.progress(job.plan_to_train.arch.members) as show:
                trained = learn(job, control, checkpoint, history.then(show) if history else show)
            if not first:
                return None
            self.report.lap("training")
            self.report.facts([("", note) for note in trained.notes])
            model = trained_model(job, trained, self.group.world)
            error = skill_error(job, request.policy, model)
            written = error is None and self.write(job, trained, model)
            if checkpoint:
                checkpoint.remove()
        if error:
            raise error
        if written and history is not None:
            self.write_html(job, trained, model, history)
        return model if written else None

    def write(self, job: TrainJob, trained: "TrainingResult", model: Model) -> bool:
        """Whether the model took the place of the one there is."""
        validated = replace(model, network=trained.validated_network)
        if not is_replaced(job, self.request.policy, validated, self.report):
            return False
        if job.path:
            write_readable_model(job.path, model)
        return True

    def loss_history(self) -> "LossHistory | None":
        if self.request.html is None:
            return None
        from lstmcli.reports.html.learning import LossHistory

        return LossHistory()

    def write_html(
        self, job: TrainJob, trained: "TrainingResult", model: Model, history: "LossHistory"
    ) -> None:
        from lstmcli.jobs.html_reports import write_training_report

        assert self.request.html is not None
        notes, until = (*job.notes, *trained.notes), job.plan_to_train.until
        source = job.table.source
        write_training_report(
            self.request.html, model, trained.validated_network, job.panel, until, history, source, notes
        )

    def unlocked(self, why: str) -> None:
        self.note("note", f"{why}; the last to end would win")

    def note(self, topic: str, text: str) -> None:
        self.report.facts([(topic, text)])
