"""The work queues: open tickets per team, the nearest deadline first (R09)."""
