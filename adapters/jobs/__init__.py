"""Slow work as jobs: asked for over HTTP, kept in the database, done by worker processes, picked up where one dies.

`records` say what a job is, `queue` who may have it next, `work` what each kind does, `worker` who does it. For
metrics ask `queue.standing`: how many wait, what runs, and how far each is from its bound.
"""
