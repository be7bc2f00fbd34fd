"""Whether a trained model is written: the skill that is required, and the model there is."""

from lstmcli.errors import ConditionFailed
from lstmcli.jobs.reporter import Reporter
from lstmcli.jobs.train.policy import Policy
from lstmcli.jobs.train.prepare import TrainJob
from lstmcli.jobs.update import model_errors, new_to, reason_to_keep
from lstmcli.learning.split import split_panel
from lstmcli.model_file import Model


def skill_error(job: TrainJob, policy: Policy, model: Model) -> ConditionFailed | None:
    """What is raised where a model has less skill than `policy` requires."""
    skill, least = model.validation.skill, policy.require_skill
    if least is None or (skill is not None and skill >= least):
        return None
    found = "is not defined on these data" if skill is None else f"is {skill:.1%}"
    return ConditionFailed(
        f"{job.path}: not written: the skill against seasonal naive {found}, --require-skill is {least:.1%}"
    )


def is_replaced(job: TrainJob, policy: Policy, validated: Model, report: Reporter) -> bool:
    """Whether the new model is to be written, or the one there is was better.

    validated: the new one, not yet trained on the rows that are held out.
    """
    if job.old is None or not (policy.keep_best or policy.update):
        return True
    windows = new_to(job.old, job.panel, *split_panel(job.panel, job.plan).validation)
    theirs, ours = (model_errors(m, job.panel, job.contract, job.plan, windows) for m in (job.old, validated))
    if isinstance(theirs, str):
        report.facts([("replaced", f"the model there was cannot forecast these data: {theirs}")])
        return True
    assert not isinstance(ours, str)
    reason = reason_to_keep(theirs, ours, windows)
    if reason:
        report.facts([("kept", f"{job.path} as it was: {reason}")])
    return reason is None
