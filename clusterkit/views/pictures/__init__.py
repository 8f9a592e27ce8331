"""The pictures of the casebook, one module each."""
