"""How cases flow: who solves them, how often they change hands, what they wait for, how long they take."""
