"""Programmes, the solver that decides them, the processes that it runs in, and the time they may take."""
