"""Who did what, when it happened and was recorded, on what and why; found by any of them."""
