"""Artifacts: files that belong together, kept as versions under a name, and used by name."""
