"""The pages and the API, one module per audience."""
