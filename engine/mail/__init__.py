"""Links, rendering, relay and SMTP: how owed notices reach people."""
