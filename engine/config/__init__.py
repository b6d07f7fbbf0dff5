"""One site's settings: config.toml, its directory and its calendar, read into frozen values or refused with line and column."""
