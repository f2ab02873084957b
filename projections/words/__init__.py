"""What events and listed values are called for people, in Chinese and English.

``values.toml`` names every listed value, ``events.toml`` says every event; both are data. A test finds what
is missing.
"""
