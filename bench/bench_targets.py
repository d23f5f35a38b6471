"""Measure the quick targets as `make bench` does it; `python bench/all_targets.py --help` lists the others."""

from __future__ import annotations

from bench.all_targets import main

if __name__ == "__main__":
    main(["--quick"])
