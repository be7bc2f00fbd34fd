"""The files of a backtest."""

from lstmcli.files.output import write_out
from lstmcli.jobs.backtest.job import BacktestRun
from lstmcli.jobs.backtest.options import BacktestOutputs


def write_outputs(run: BacktestRun, outputs: BacktestOutputs) -> None:
    """Table, picture and page, whichever are asked for."""
    results, report, source = run.results, run.report, run.source
    if outputs.table is not None:
        from lstmcli.reports.text.backtest_json import forecast_columns
        from lstmcli.tables.write.tables import csv_of
        from lstmcli.tables.write.times import format_stamps

        columns = forecast_columns(results, source.time, lambda times: format_stamps(times, source.pattern))
        write_out(csv_of(columns), str(outputs.table))
    if outputs.plot is not None:
        from lstmcli.reports.pictures.backtests import backtest_plot

        backtest_plot(results, report, outputs.plot)
    if outputs.html is not None:
        from lstmcli.jobs.html_reports import write_backtest_report

        write_backtest_report(outputs.html, results, report, source.targets)


def report_text(run: BacktestRun, outputs: BacktestOutputs) -> str:
    """The report in the form of the options."""
    from lstmcli.reports.text.backtest import backtest_text
    from lstmcli.reports.text.backtest_json import report_json

    return report_json(run.report) if outputs.form == "json" else backtest_text(run.report)
