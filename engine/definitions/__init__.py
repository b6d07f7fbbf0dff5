"""Workflow files read into checked definitions, or into problems with line and column."""
