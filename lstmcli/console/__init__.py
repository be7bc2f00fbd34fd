"""Standard streams, signals, and what is printed on standard error.

mode: options of all commands -> screen: lines, tables, progress -> events: the same as JSON lines
streams, signals: set up once by `__main__`
"""
