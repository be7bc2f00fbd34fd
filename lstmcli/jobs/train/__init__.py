"""Training, from data to a model file: see `job.run_training`."""
