"""Tables, writer, ledger and views: the only package that knows SQL. SQLite and PostgreSQL run the same code and tests."""
