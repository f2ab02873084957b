"""Mail: what customers write becomes contacts on tickets, and what we write goes out (R01)."""
