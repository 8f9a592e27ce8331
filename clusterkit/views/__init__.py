"""What people look at: charts with facts, tables with footnotes, sentences filled from values."""
