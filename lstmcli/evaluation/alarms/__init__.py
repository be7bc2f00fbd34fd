"""From forecast errors to alarms that keep a budget. NumPy alone.

How a caller uses it:

    rate = read_budget("1/week").rate(step_seconds, series)      # settings.budgets; per row and series
    detector = AlarmDetector(rate, season=24)
    state = detector.start(series)                               # nothing known yet
    state, _ = detector.update(state, earlier, judge=False)      # learns how errors are distributed
    state, judged = detector.update(state, newer)                # blocks of any length, in order of time
    judged.begins, judged.kind, judged.p, judged.masked          # (rows, series) each
    state.arrays, detector.settings()                            # to a file: arrays (series, ...) and JSON
    RunningState(arrays), AlarmDetector.of_settings(settings)      # and back; results go on as before
    detector.sure_rate(state)                                    # budgets below it may not be held
    state.select([2, 0]), RunningState.joined([state, detector.start(1)])   # series that go, turn or come

Without a model, `online.OnlineWatch(OneStepForecaster(season, second), detector)` forecasts and judges row by
row: `update(state, values)` gives state, forecasts and judgements, and hides impossible values itself.

`earlier` and `newer` are `ForecastRows`: values with what was expected of each before it was seen. Blocks
may be of one row or of thousands; the results are the same. Where `masked` is set, a value is judged
impossible: the caller writes NaN in its place into the context of later forecasts. Rows that are late, left
out or silent and series that are new are told from times, by the caller.
"""
