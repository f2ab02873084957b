"""Service plans and calendars as they are published."""
