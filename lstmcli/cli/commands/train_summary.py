"""What `lstmcli train` says: what was found and planned before, how good the model is after."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.forecasting.plan import Plan
    from lstmcli.model_file import Model
    from lstmcli.network.architecture import Blend
    from lstmcli.series.panel import Panel
    from lstmcli.series.roles import Roles
    from lstmcli.tables.read import Table


def say_found(screen: "Screen", table: "Table", panel: "Panel", roles: "Roles", plan: "Plan") -> None:
    from lstmcli.series.calendar import advance, format_time

    first, last = panel.starts.min(), advance(panel.starts, panel.step, panel.lengths - 1).max()
    span = f"{format_time(first)} to {format_time(last)}"
    many = f"{len(panel):,} series" if len(panel) > 1 else "1 series"
    columns = [*([f"time: {roles.time}"] if roles.time else []), *(f"series: {s}" for s in roles.series)]
    targets = ", ".join(roles.targets[:6]) + (", ..." if len(roles.targets) > 6 else "")
    columns.append(f"target: {targets}")
    for role, names in (("past", roles.past), ("future", roles.future), ("static", roles.static)):
        columns += [f"{role}: {c}{' (category)' if c in roles.categorical else ''}" for c in names]
    shape, arch, step = plan.shape, plan.arch, panel.step
    columns += [f"holidays: {shape.holidays}"] if shape.holidays else []
    season = f"season {shape.season} ({step.duration(shape.season)})" if shape.season > 1 else "no season"
    screen.facts(
        [
            (
                "data",
                f"{table.source}: {many}, {panel.observations:,} values, {span}",
            ),
            ("columns", "; ".join(columns)),
            *(("", note) for note in (*table.notes, *roles.notes)),
            ("time", f"step 1 {step}, {season}" if step.unit()[1] == 1 else f"step {step}, {season}"),
            (
                "network",
                f"{arch.cell.upper()}, {arch.layers} x {arch.hidden} units; reads {shape.context} values "
                f"in steps of {arch.segment}, forecasts {shape.horizon}",
            ),
            (
                "",
                f"{arch.members} member{'s' if arch.members > 1 else ''} on baseline "
                f"{', '.join(shape.baselines)}; {plan.steps} steps at most"
                + ("; calendar features" if shape.calendar else "")
                + ("; then again on all data" if plan.refit else ""),
            ),
            *(("", note) for note in plan.notes),
        ]
    )


def say_result(screen: "Screen", model: "Model", path: Path, seconds: float) -> None:
    report: dict[str, Any] = model.report
    scores, members = report["validation"], report["members"]
    screen.tell("trained", model=str(path), seconds=seconds, validation=scores, members=members)
    taken = "; ".join(f"{m['steps']} steps, best at {m['best_step']}" for m in members)
    screen.facts([("trained", f"{taken}; {seconds:.1f} s")])
    rows = []
    for name, errors in scores["errors"].items():
        mase = "-" if errors["mase"] is None else f"{errors['mase']:.3f}"
        rows.append([name, f"{errors['mae']:.4g}", f"{errors['smape']:.2f} %", mase])
    title = f"validation  {scores['windows']} windows at the end of the series"
    screen.table(title, ["", "MAE", "sMAPE", "MASE"], rows)
    screen.facts(_skill(scores, model.network.blend))
    inside = ", ".join(f"{share:.1%} for {level} %" for level, share in scores["coverage"].items())
    screen.facts([("coverage", inside)] if inside else [])
    screen.facts([("wrote", f"{path} ({path.stat().st_size:,} bytes)")])


def _skill(scores: dict[str, Any], blend: "Blend | None") -> list[tuple[str, str]]:
    """How the model compares with simple forecasts; said plainly where it is no better."""
    from lstmcli.evaluation.validation import better_baseline

    skill, better = scores["skill"], better_baseline(scores)
    lines = [] if skill is None or skill <= 0 else [("skill", f"{skill:.1%} less error than seasonal naive")]
    if blend:
        simple = {"seasonal": "seasonal naive", "last": "last value"}[blend.baseline]
        lines.append(("", f"drawn to {simple}, which was better: {blend.weight:.0%} of the network is left"))
    elif better:
        lines.append(("no skill", f"no better than {better}; --set on_no_skill=baseline draws it there"))
    return lines
