"""Tables as files for people: CSV and XLSX. The same table makes the same bytes (B10)."""
