"""Tests: real databases, real SMTP, a real browser; they read like sentences."""
