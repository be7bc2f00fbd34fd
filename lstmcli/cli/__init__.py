"""The command line: commands, common options, completion."""
