"""What print says: figures read from number phrases, with their hedges; knows no case."""
