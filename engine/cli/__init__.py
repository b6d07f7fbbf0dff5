"""The command line: one verb a file; `trinh --help` lists them. cli.py beside the package only calls `main`."""
