"""Background jobs: queued in the database, done by worker processes, and taken over where one dies.

`job_records` define a job, `job_queue` its leases, `job_kinds` what each kind does, `job_worker` the loop of a worker.
For metrics ask `job_queue.queue_status`: how many wait, what runs, and how far each is from its bound.
"""
