"""What the evidence amounts to: pure functions, table in, the same kind of table out."""
