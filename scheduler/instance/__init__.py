"""A problem as numbers: indices, candidates of each request, the state of a timetable, and bounds."""
