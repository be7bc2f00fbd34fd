"""Several processes that train together: members side by side, or one training under torchrun."""
