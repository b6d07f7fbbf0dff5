"""A site for newcomers: a dozen delegations in different states, and a clock that a page moves forward."""

from engine.demo.controls import Controls
from engine.demo.prepare import NotADemo, prepare

__all__ = ["Controls", "NotADemo", "prepare"]
