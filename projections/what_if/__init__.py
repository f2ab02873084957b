"""What-if: proposed plans and calendars tried on the recorded history, beside the log (B05)."""
