"""Background jobs: their records, and their queue in the database with leases, so that a dead worker is replaced.

`job_records` define a job, `job_queue` its leases, `job_queries` lists; `adapters.workers` has the processes that work.
For metrics ask `job_queue.queue_status`: how many wait, what runs, and how far each is from its bound.
"""
