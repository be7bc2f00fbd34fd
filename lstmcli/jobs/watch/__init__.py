"""Alarms: which of the newest rows are not what was expected of them.

selection -first row of each series to judge-> judging -rows with p and kind-> job -> table, state
clock: rows that are left out, late or silent, and series that are new
model_file.watch_state: what one run tells the next
"""
