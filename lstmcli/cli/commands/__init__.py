"""One file per subcommand: parse, load, call, write.

Each imports what it needs when it runs, so that `lstmcli --help` starts at once.
"""
