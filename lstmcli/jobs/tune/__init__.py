"""Better settings by trial.

settings and space -space-> what is fixed, what is searched -study-> trials -folds, trial_process-> errors
     -outcome-> a file of settings, a table of trials; `job` holds what comes before and after the search
"""
