"""The executable casebook of industrial clusters."""

__version__ = "0.1.0"
