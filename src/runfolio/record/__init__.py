"""Writing one run: its values, its thread, its life cycle."""
