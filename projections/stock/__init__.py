"""Spare parts (备件) as they stand: the catalogue, and what of each part is where and for whom (R16, R17).

Quantities are whole numbers of the part's unit. What depends on the day, as goods expire, is worked out when
somebody asks: the day is the calendar day of the locations.
"""
