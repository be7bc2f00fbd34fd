"""Rows as they arrive on standard input: a forecast after each, or what it was judged as.

stream -blocks of lines-> lines -rows-> follower -forecast of each row-> stream
watched_model: the model file, which may be replaced meanwhile
watch_stream -blocks of lines-> lines -rows-> arrivals -their steps-> online_series -judgements-> watcher
"""
