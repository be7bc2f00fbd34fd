"""What `lstmcli train` prints: notes and progress while it runs, a summary when it has ended."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lstmcli.cli.options import MODEL_PATH
from lstmcli.console.manner import OutputMode, set_output_mode
from lstmcli.console.screen import Screen
from lstmcli.errors.findings import plural
from lstmcli.model_file import unfollowed_note
from lstmcli.network.builtin_file import name_of_model

if TYPE_CHECKING:
    from lstmcli.evaluation.validation import ValidationReport
    from lstmcli.forecasting.plan import Plan
    from lstmcli.jobs.train.dry_run import DryRun
    from lstmcli.jobs.train.job import TrainResult
    from lstmcli.jobs.train.policy import Policy
    from lstmcli.jobs.train.prepare import TrainJob
    from lstmcli.learning.processes.group import ProcessGroup
    from lstmcli.network.architecture import Blend, Mix
    from lstmcli.series.calendar import Step

FactRows = list[tuple[str, str]]
_FILES_NAMED = 3  # in the command that comes next
_BASELINE_NAMES = {"seasonal": "seasonal naive", "last": "last value"}


class TrainReport(Screen):
    """Prints what a training reports. Of several processes the first speaks."""

    def __init__(self, group: "ProcessGroup") -> None:
        if not group.is_first:
            set_output_mode(OutputMode(apart=True))
        super().__init__(dated=True)

    def prepared(self, job: "TrainJob", processes: int) -> None:
        """What was read and decided; processes: of torchrun, that train together."""
        self.facts(found_facts(job))
        if processes > 1:
            batch = job.plan.learning.batch
            self.facts([("processes", f"{processes} of torchrun, which share every step of {batch} windows")])

    def summary(self, result: "TrainResult", policy: "Policy", data: Sequence[str]) -> None:
        """How a training ended, or what a dry run would do. data: the files as they were typed."""
        if result.dry_run:
            self.facts(dry_run_facts(result.job, result.dry_run, policy))
        elif result.model:
            self._result(result)
            self.facts(next_facts(result.job, data))

    def _result(self, result: "TrainResult") -> None:
        from lstmcli.evaluation.metrics import measures_apart

        assert result.model is not None
        assert result.job.path is not None
        path = result.job.path
        scores, members = result.model.validation, result.model.report["members"]
        document = scores.document()
        loud = Screen(always=True)  # an event with -q too
        loud.tell("trained", model=str(path), seconds=result.seconds, validation=document, members=members)
        taken = "; ".join(f"{m['steps']} steps, best at {m['best_step']}" for m in members)
        self.facts([("trained", f"{taken}; {result.seconds:.1f} s")])
        title = f"validation  {plural(scores.windows, 'window')} at the end of the series"
        self.table(title, ["", "MAE", "sMAPE", "MASE"], error_rows(scores))
        if apart := measures_apart({n: (e.smape, e.mase) for n, e in scores.errors.items()}):
            self.facts([("", apart)])
        self.facts(mix_facts(result.model.network.mix))
        self.facts(skill_facts(scores, result.model.network.blend))
        inside = ", ".join(f"{share:.1%} for {level} %" for level, share in scores.coverage.items())
        self.facts([("coverage", inside)] if inside else [])
        self.facts([("wrote", f"{name_of_model(path)} ({path.stat().st_size:,} bytes)")])
        unfollowed = unfollowed_note(result.model.contract.data, path)
        self.facts([("note", unfollowed)] if unfollowed else [])


def next_facts(job: "TrainJob", data: Sequence[str]) -> FactRows:
    """The commands that forecast with the model. data: the files as they were typed."""
    assert job.path is not None
    files = [*data] if len(data) <= _FILES_NAMED else []  # else those that the model names
    model = [] if job.path == MODEL_PATH else ["-m", str(job.path)]
    command = shlex.join(["lstmcli", "predict", *files, *model])
    if not job.roles.future:
        return [("next", command)]
    return [
        ("next", f"{command} --make-future {job.plan.settings['horizon']} -o future.csv"),
        ("", f"fill in {', '.join(job.roles.future)} there, then: {command} --future future.csv"),
    ]


def found_facts(job: "TrainJob") -> FactRows:
    """What was read and decided."""
    panel, plan = job.panel, job.plan
    shape, arch, step = plan.shape, plan.arch, panel.step
    season = f"season {shape.season} ({step.duration(shape.season)})" if shape.season > 1 else "no season"
    members = f"{arch.members} member{'s' if arch.members > 1 else ''}"
    return [
        ("data", _data(job)),
        ("columns", _columns(job)),
        *(("", note) for note in job.reading_notes),
        ("time", f"step 1 {step}, {season}" if step.unit()[1] == 1 else f"step {step}, {season}"),
        (
            "network",
            f"{arch.cell.upper()}, {arch.layers} x {arch.hidden} units; reads {shape.context} values "
            f"in steps of {arch.segment}, forecasts {_ahead(job.plan, step)}",
        ),
        (
            "",
            f"{members} on baseline {', '.join(shape.baselines)}; {plan.steps} steps at most"
            + ("; calendar features" if shape.calendar else "")
            + ("; then again on all data" if plan.refit else ""),
        ),
        *(("", note) for note in plan.notes),
    ]


def _ahead(plan: "Plan", step: "Step") -> str:
    """The steps of the horizon, and its rows where closed times are among them."""
    rows = plan.settings["horizon"]
    return f"{plan.shape.horizon} (of {rows} rows)" if step.zeros else str(plan.shape.horizon)


def _data(job: "TrainJob") -> str:
    from lstmcli.series.calendar import format_time
    from lstmcli.tables.read import grain_of

    panel = job.panel
    first, last = panel.starts.min(), panel.ends.max()
    many = f"{len(panel):,} series" if len(panel) > 1 else "1 series"
    pattern = job.table.patterns.get(job.roles.time)
    grain, zone = grain_of(pattern, panel.step), panel.zone
    span = f"{format_time(first, grain, zone)} to {format_time(last, grain, zone)}"
    return f"{job.table.source}: {many}, {plural(panel.observations, 'value')}, {span}"


def _columns(job: "TrainJob") -> str:
    roles, shape = job.roles, job.plan.shape
    columns = [*([f"time: {roles.time}"] if roles.time else []), *(f"series: {s}" for s in roles.series)]
    targets = ", ".join(roles.targets[:6]) + (", ..." if len(roles.targets) > 6 else "")
    columns.append(f"target: {targets}")
    for role, names in (("past", roles.past), ("future", roles.future), ("static", roles.static)):
        columns += [f"{role}: {c}{' (category)' if c in roles.categorical else ''}" for c in names]
    columns += [f"holidays: {shape.holidays}"] if shape.holidays else []
    return "; ".join(columns)


def dry_run_facts(job: "TrainJob", found: "DryRun", policy: "Policy") -> FactRows:
    """What a training would do and cost."""
    from lstmcli.settings.durations import format_seconds

    assert job.path is not None
    seconds, longest = (format_seconds(round(s)) for s in (found.cost.seconds, found.cost.longest))
    memory = f"about {found.cost.bytes / 1e9:.1f} GB of memory (estimates)"
    facts = [("training", f"about {seconds}, at most {longest}; {memory}")]
    if job.update:
        facts.append(("", f"from the weights of {job.path}, {job.update.steps} steps"))
    if policy.max_time:
        facts.append(("", f"stopped after {format_seconds(policy.max_time)} at the latest"))
    if found.checkpoint:
        goes_on = f"{found.checkpoint}: would go on, {found.progress}"
        facts.append(("checkpoint", goes_on if found.progress else "none to go on from"))
    if found.holder:
        facts.append(("lock", f"held by {found.holder}"))
    outcome = "would be replaced" if job.path.exists() else "could be written"
    if policy.if_changed and job.unchanged:
        outcome = "has these settings and this data: nothing would be done"
    facts.append(("model", f"{job.path} {outcome}"))
    facts.append(("", "nothing was trained, no model was written (--dry-run)"))
    return facts


def error_rows(scores: "ValidationReport") -> list[list[str]]:
    """Errors of the model and of simple forecasts on the validation windows."""
    rows = []
    for name, errors in scores.errors.items():
        mase = "-" if errors.mase is None else f"{errors.mase:.3f}"
        rows.append([name, f"{errors.mae:.4g}", f"{errors.smape:.2f} %", mase])
    return rows


def mix_facts(mix: "Mix | None") -> FactRows:
    """The shares of a mix, and what they come from."""
    from lstmcli.network.architecture import MEMBER_TEXTS

    if mix is None:
        return []
    shares = ", ".join(f"{MEMBER_TEXTS.get(name, name)} {share:.2f}" for name, share in mix.shares.items())
    many = f"{mix.windows:,} independent window{'s' if mix.windows > 1 else ''}"
    return [("mix", f"{shares}; from {many}")]


def skill_text(scores: "ValidationReport", skill: float) -> str:
    """A skill above 0, and how sure it is."""
    if scores.skill_error is None:
        few = "; a single window: it may be chance" if scores.independent == 1 else ""
        return f"{skill:.1%} less error than seasonal naive{few}"
    reach = 2 * scores.skill_error
    chance = ": it may be chance" if reach >= skill else ""
    return (
        f"{skill:.1%} less error than seasonal naive, +- {reach:.1%} "
        f"(two standard errors, {scores.independent:,} independent windows){chance}"
    )


def skill_facts(scores: "ValidationReport", blend: "Blend | None") -> FactRows:
    """How the model compares with simple forecasts; said plainly where it is not better."""
    from lstmcli.evaluation.validation import better_baseline

    skill, better = scores.skill, better_baseline(scores)
    facts = [] if skill is None or skill <= 0 else [("skill", skill_text(scores, skill))]
    if blend:
        simple = _BASELINE_NAMES[blend.baseline]
        facts.append(
            ("", f"shrunk towards {simple}, which was better: {blend.weight:.0%} of the network remains")
        )
    elif better:
        facts.append(
            ("no skill", f"not better than {better}. --set on_no_skill=baseline shrinks forecasts towards it")
        )
    return facts
