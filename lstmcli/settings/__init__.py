"""Settings: typed, with defaults, from YAML, environment and flags; durations and conditions as text."""
