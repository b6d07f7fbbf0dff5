"""One verb a file: HELP, DESCRIPTION, EXAMPLES, arguments(parser), run(args) -> exit code."""
