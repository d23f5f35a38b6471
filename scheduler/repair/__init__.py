"""Repair of a released week with as few changes as possible (minimal perturbation)."""
