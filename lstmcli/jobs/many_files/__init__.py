"""Forecasts of many files on many processes or machines: each file is read and forecast by one task.

file -file_task, on a worker-> facts and rows as text -together-> checked, in the order of the files -job->
output; cluster: tasks of Dask; local: workers on this machine
"""
