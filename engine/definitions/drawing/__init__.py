"""A workflow drawn on one page: lanes are who holds the task, columns the longest way, lines run at right angles."""
