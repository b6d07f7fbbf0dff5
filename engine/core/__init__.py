"""The pure heart: values, events, rules and the functions that decide and fold."""
