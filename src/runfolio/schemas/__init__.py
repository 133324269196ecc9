"""The JSON Schemas of format 1, one file per kind of document."""
