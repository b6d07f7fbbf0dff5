"""Timeline, as-at, verify and export: what an auditor asks of the ledger."""
