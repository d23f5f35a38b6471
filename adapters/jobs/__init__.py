"""Slow work as jobs: asked for over HTTP, kept in the database, done by worker processes, picked up where one dies.

`job_records` say what a job is, `job_queue` who may have it next, `job_kinds` what each kind does, `job_worker` who
does it. For metrics ask `job_queue.standing`: how many wait, what runs, and how far each is from its bound.
"""
