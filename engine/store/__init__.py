"""Everything that touches the database: tables, migrations, writer, ledger and views."""
