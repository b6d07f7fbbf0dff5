"""Official documents: templates to PDF, the register of issued papers, and their checks."""
