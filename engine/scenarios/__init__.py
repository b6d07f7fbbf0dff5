"""Scenarios beside a workflow: given people, dates and answers, then states, papers and mails. Manual: docs/scenarios.md."""

from engine.scenarios.run import Result, prepared, run, run_files

__all__ = ["Result", "prepared", "run", "run_files"]
