"""Names and bytes of a run directory: the only package that knows a file name."""
