"""What tables of regions and industries amount to, whatever kind of table; knows no case."""
