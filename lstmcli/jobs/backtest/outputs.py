"""The files of a backtest."""

from itertools import chain

from lstmcli.files.output import write_out
from lstmcli.jobs.backtest.job import BacktestRun
from lstmcli.jobs.backtest.options import BacktestOutputs


def write_outputs(run: BacktestRun, outputs: BacktestOutputs) -> None:
    """Table, picture and page, whichever are asked for."""
    results, report, source = run.results, run.report, run.source
    if outputs.table is not None:
        content, encoding = _table(run, outputs)
        write_out(content, str(outputs.table), encoding)
    if outputs.plot is not None:
        from lstmcli.reports.pictures.backtests import backtest_plot

        backtest_plot(results, report, source.targets, outputs.plot, outputs.show_last, source.unit)
    if outputs.html is not None:
        from lstmcli.jobs.html_reports import backtest_html

        write_out(backtest_html(results, report, source.targets), outputs.html)


def _table(run: BacktestRun, outputs: BacktestOutputs) -> tuple[str | bytes, str]:
    """The content of the file, and the encoding of what is text."""
    import pandas as pd

    from lstmcli.reports.text.backtest_json import forecast_columns
    from lstmcli.tables.write.dialects import holding, output_dialect
    from lstmcli.tables.write.forms import content_of_table, is_typed
    from lstmcli.tables.write.tables import written_times

    source, form = run.source, outputs.table_form
    columns = forecast_columns(
        run.results, source.time, lambda times: written_times(times, source.pattern, is_typed(form))
    )
    dialect = output_dialect(source.dialect, outputs.dialect, form, str(outputs.table))
    dialect = holding(dialect, chain([source.time], source.panel.key_names, *source.panel.keys))
    return content_of_table(pd.DataFrame(columns), form, dialect), dialect.encoding


def report_text(run: BacktestRun, outputs: BacktestOutputs) -> str:
    """The report in the form of the options."""
    from lstmcli.jobs.html_reports import backtest_html
    from lstmcli.reports.forms import report_in
    from lstmcli.reports.text.backtest import backtest_text
    from lstmcli.reports.text.backtest_json import report_json

    return report_in(
        outputs.form,
        "Backtest",
        lambda: backtest_text(run.report),
        lambda: report_json(run.report),
        lambda: backtest_html(run.results, run.report, run.source.targets),
    )
