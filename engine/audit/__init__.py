"""Reading the ledger as an auditor: what happened, what was known when, and whether anything was changed since."""
