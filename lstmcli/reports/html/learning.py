"""How a training run went, on a page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmcli.reports.html.axes import count_axis, number_axis
from lstmcli.reports.html.charts import ChartLine, ChartPart, Mark, chart
from lstmcli.reports.html.markup import chart_row, paragraph, section
from lstmcli.reports.thinning import thin_line

_MEMBERS = 8
_POINTS = 150


if TYPE_CHECKING:
    from lstmcli.learning.progress import Progress as Step


@dataclass
class LossHistory:
    """Collects the losses of a run, by member: (step, loss) and (step, validation loss)."""

    losses: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    checks: dict[int, list[tuple[int, float]]] = field(default_factory=dict)

    def then(self, report: Callable[[Any], None]) -> "Callable[[Step], None]":
        """A report that is kept here, and passed on."""

        def kept(now: "Step") -> None:
            if now.stage == "training":
                self.losses.setdefault(now.member, []).append((now.step, now.loss))
                if now.validation_loss is not None:
                    self.checks.setdefault(now.member, []).append((now.step, now.validation_loss))
            report(now)

        return kept


def learning_section(course: LossHistory, members: Sequence[dict[str, Any]]) -> str:
    """members: what the report of the model says of each, see `learning.training`."""
    shown = [m for m in sorted(course.losses) if m < min(len(members), _MEMBERS)]
    text = (
        "Loss by step, in scaled units. The weights of the dotted line were kept: the last check that "
        "was no worse than the best."
    )
    left = len(members) - len(shown)
    note = paragraph(f"{left} of {len(members)} members are not shown.", "quiet") if shown and left else ""
    charts = [_member(course, member, members[member]) for member in shown]
    return section("Learning", paragraph(text, "quiet"), note, chart_row(charts)) if charts else ""


def _member(course: LossHistory, member: int, report: dict[str, Any]) -> str:
    steps, losses = (np.array(part, np.float64) for part in zip(*course.losses[member], strict=True))
    checks = course.checks.get(member, [])
    checked = np.array([loss for _, loss in checks], np.float64)
    # The first steps are far above the rest, and would flatten it.
    high = float(max(np.quantile(losses, 0.95), checked.max(initial=0.0)))
    parts: list[ChartPart] = [Mark(report["best_step"], "kept")]
    parts.append(ChartLine(*thin_line(steps, np.minimum(losses, high), _POINTS), "simple", "training"))
    if checks:
        at = np.array([step for step, _ in checks], np.float64)
        parts.append(ChartLine(at, checked, "forecast", "validation", dots=True))
    shown = np.concatenate([np.minimum(losses, high), checked])
    across = count_axis(0, max(float(steps[-1]), 1.0), "steps", wanted=4)
    text = " ".join(_steps_of(report))
    return chart(f"Member {member + 1}", parts, across, number_axis(shown), text, tall=False)


def _steps_of(member: dict[str, Any]) -> Iterator[str]:
    yield f"{member['steps']} steps, kept {member['best_step']}."
    if member["validation_loss"] is not None:
        yield f"Validation loss {member['validation_loss']:.4g}."
