"""Measurements, each beside a reference from the same run: ``python -m bench [NAME …] [--quick]``. Read docs/benchmarks.md."""
