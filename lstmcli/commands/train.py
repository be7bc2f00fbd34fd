"""`lstmcli train`: a CSV file in, a model file out."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lstmcli.blending import Blend
    from lstmcli.bundle import Model
    from lstmcli.panel import Panel
    from lstmcli.plan import Plan
    from lstmcli.screen import Screen
    from lstmcli.tables import Table
    from lstmcli.tables.columns import Roles


def train(
    data: Annotated[
        list[str], typer.Argument(help="CSV or Parquet files, quoted patterns, or - for standard input.")
    ],
    model: Annotated[
        Path, typer.Option("--model", "-m", envvar="LSTMCLI_MODEL", help="Model file to write.")
    ] = Path("model.safetensors"),
    config: Annotated[Path | None, typer.Option("--config", "-c", help="YAML file with settings.")] = None,
    assignment: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One setting; may be repeated.")
    ] = None,
    horizon: Annotated[int | None, typer.Option(help="Steps to forecast.")] = None,
    cell: Annotated[str | None, typer.Option(help="lstm, gru or rnn.")] = None,
    step: Annotated[
        str | None, typer.Option(help="Distance of rows, as 1h; needed where there is no time column.")
    ] = None,
    resample: Annotated[
        str | None, typer.Option(metavar="STEP=HOW", help="Take the mean, sum, ... of bins, as 1h=mean.")
    ] = None,
    on_gap: Annotated[
        str | None, typer.Option(help="Times left out: error, mask (missing values) or fill (interpolate).")
    ] = None,
    on_duplicate: Annotated[
        str | None, typer.Option(help="Several rows of one time: error, first, last or mean.")
    ] = None,
    no_header: Annotated[
        bool, typer.Option("--no-header", help="The first row is data; columns are called 1, 2, ...")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.")] = None,
    html: Annotated[
        str | None, typer.Option(help="HTML file with a report: data, learning, skill, forecasts, gates.")
    ] = None,
) -> None:
    """Train on the series of a CSV file and write a model file.

    Time column, series, targets, step and season are found in the data; name them with --set
    time=..., series=..., target=... where that guess is wrong. The last part of every series is
    kept aside to choose the best weights and to compare with simple forecasts.
    """
    from lstmcli.bundle import Model, relative_data_paths, write
    from lstmcli.config import load
    from lstmcli.files import check_can_create
    from lstmcli.pages.learning import Course
    from lstmcli.plan import decide
    from lstmcli.screen import Screen
    from lstmcli.tables import panel_of, read
    from lstmcli.tables.contracted import contract_of

    for path in (model, *([Path(html)] if html not in (None, "-") else [])):
        check_can_create(path)
    screen = Screen()
    flags = {"horizon": horizon, "cell": cell, "seed": seed, "step": step}
    flags |= {"header": False if no_header else None}
    flags |= {"resample": resample, "on_gap": on_gap, "on_duplicate": on_duplicate}
    settings = load(config, flags, tuple(assignment or ()))
    table = read(data, settings.options)
    panel, roles = panel_of(table, settings)
    screen.lap("reading")
    plan = decide(panel, settings)
    screen.lap("deciding")
    _say_found(screen, table, panel, roles, plan)

    from lstmcli.learning.training import train as learn
    from lstmcli.learning.training import versions

    started, course = time.perf_counter(), Course()
    with screen.progress(plan.arch.members) as report:
        trained = learn(panel, plan, settings, course.then(report))
    screen.lap("training")
    seconds = time.perf_counter() - started
    effective = plan.effective(settings).model_dump(mode="json")
    contract = contract_of(table, panel, roles, relative_data_paths(data, model))
    result = Model(trained.network, contract, effective, trained.report, versions())
    write(model, result)
    if html is not None:
        from lstmcli.commands.reports import write_training_report

        notes = (*table.notes, *roles.notes, *plan.notes)
        write_training_report(html, result, trained.judged, panel, plan.until, course, table.source, notes)
    _say_result(screen, result, model, seconds)


def _say_found(screen: "Screen", table: "Table", panel: "Panel", roles: "Roles", plan: "Plan") -> None:
    from lstmcli.calendar import advance, show

    first, last = panel.starts.min(), advance(panel.starts, panel.step, panel.lengths - 1).max()
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
            ("data", f"{table.source}: {many}, {panel.observations:,} values, {show(first)} to {show(last)}"),
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


def _say_result(screen: "Screen", model: "Model", path: Path, seconds: float) -> None:
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
    from lstmcli.validation import beaten_by

    skill, better = scores["skill"], beaten_by(scores)
    lines = [] if skill is None or skill <= 0 else [("skill", f"{skill:.1%} less error than seasonal naive")]
    if blend:
        simple = {"seasonal": "seasonal naive", "last": "last value"}[blend.baseline]
        lines.append(("", f"drawn to {simple}, which was better: {blend.weight:.0%} of the network is left"))
    elif better:
        lines.append(("no skill", f"no better than {better}; --set on_no_skill=baseline draws it there"))
    return lines
