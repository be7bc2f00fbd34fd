"""Series: the panel and its roles, the calendar, steps, seasons, holidays, rows to forecast."""
