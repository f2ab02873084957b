"""The spare-part ledger (备件台账): every movement of every part, with the balance after it (R17)."""
