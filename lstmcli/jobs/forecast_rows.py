"""What `predict` writes of each block of series: its forecast, or sample paths, or first crossings."""

from collections.abc import Callable

from lstmcli.jobs.block_rows import BlockRows
from lstmcli.jobs.forecast import ForecastResult
from lstmcli.jobs.forecast_options import PredictOptions
from lstmcli.tables.write.dialects import OutputDialect
from lstmcli.tables.write.forms import OutputForm, check_size, form_of


def forecast_rows(
    options: PredictOptions,
    result: ForecastResult,
    pattern: str | None,
    dialect: OutputDialect,
    block: int,
    say: Callable[[str], None],
    scenario: ForecastResult | None = None,
) -> BlockRows:
    """block: series computed at once; say: receives notes; scenario: of `--what-if`. Raises UsageError for
    more rows than the form of the output holds, and what drawing paths raises."""
    if options.sum_over:
        from lstmcli.jobs.total_rows import rows_with_totals

        return rows_with_totals(options, result, pattern, dialect, block, say)
    if options.samples is not None:
        from lstmcli.jobs.total_rows import sample_rows

        return sample_rows(options, result, pattern, dialect, block, say)
    if scenario is not None:
        from lstmcli.jobs.scenario import scenario_rows

        return scenario_rows(options.form, (result, scenario), pattern, dialect, block)
    if options.why:
        from lstmcli.jobs.forecast_reasons import why_rows

        return why_rows(options.form, result, pattern, dialect, block)
    if options.cross is not None:
        return BlockRows(_crossings(options, result, pattern, dialect), block, of_model=True)
    check_size(options.form, len(result.panel) * result.horizon)
    time = result.model.contract.roles.time or "step"
    names = result.panel.key_names
    return BlockRows(form_of(options.form, names, time, pattern, result.quantiles, dialect), block)


def _crossings(
    options: PredictOptions, result: ForecastResult, pattern: str | None, dialect: OutputDialect
) -> OutputForm:
    from lstmcli.jobs.sample_paths import chance_maker
    from lstmcli.settings.conditions import threshold
    from lstmcli.tables.write.crossings import CrossingRows

    assert options.cross is not None
    check_size(options.form, len(result.panel))
    given = threshold(options.cross), result.panel.step, options.form, pattern, result.quantiles
    return CrossingRows(*given, dialect, chance_maker(result))
