"""Questions about runs and their small typed answers; nothing here draws."""
