"""What a person or a script meets: streams, signals, how things are said on standard error.

manner: options of all commands -> screen: lines, tables, progress -> events: the same as JSON;
streams and signals: what the rest may rely on; preview: a forecast drawn in characters
"""
