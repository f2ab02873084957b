"""Tickets one by one and in lists: everything that is known of them now."""
