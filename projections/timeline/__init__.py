"""What happened to a service case, event by event, in words (R03, B02)."""
