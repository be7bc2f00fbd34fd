"""The making of the built-in network: made-up series, its PyTorch twin, its schedule.

No real series is read, so that no benchmark can leak into it.
"""
