"""What only a demonstration has: a clock that people move."""
