"""The commands a ticket takes, as they arrive: a module for each trade, and ``actions`` lists them all."""
