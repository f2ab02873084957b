"""A ticket with its clocks, as several read models fold and show it."""
