"""The service desk: what a person may ask of tickets, drafted and decided with what the domain asks for."""
