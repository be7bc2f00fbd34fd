"""The state of a training: taken, stored, gone on from."""
