"""What `make bench` measures: every figure beside its baseline, in the same run, on the same database."""
