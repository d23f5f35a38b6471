"""Compare planners side by side as `make bench` does it; `python bench/compare.py --help` lists what else it can."""

from __future__ import annotations

from bench.compare import main

if __name__ == "__main__":
    main([])
