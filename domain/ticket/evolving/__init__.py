"""How a ticket evolves, trade by trade: one rule for each event, and nothing that could refuse it."""
