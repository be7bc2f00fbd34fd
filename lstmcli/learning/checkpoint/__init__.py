"""Checkpoints: the state of a training, its file, and how a training is stopped."""
