"""Forecasts of many files on many processes or machines, equal to those of all files as one table.

file -reading-> Part: a panel that stays where it was read, and what is told of it
     -order-> blocks of series, in the order of one table -blocks-> rows as text
     -cluster-> both of them as tasks of Dask
"""
