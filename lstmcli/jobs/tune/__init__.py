"""Better settings by trial: a space of settings, rolling forecasts of the training data, a search.

settings and space -space-> what is fixed, what is searched -study-> trials -folds, apart-> errors
     -outcome-> a file of settings, a leaderboard
"""
