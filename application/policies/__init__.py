"""What the service does by itself: reactions to what is in the log, and timers.

A reaction reads the log, decides with the domain like anybody else, and records what follows together with
how far it has read: once, whatever crashes. What the rules refuse becomes a question on the ticket.
"""
