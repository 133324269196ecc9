"""Repeating a run from its record."""
