"""Jobs: what the program does, for the command line and for Python. They never print."""
