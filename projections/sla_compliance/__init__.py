"""Which promises were kept: one row a clock, tables that add up to their rows (SLA 15)."""
