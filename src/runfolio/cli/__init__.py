"""The command line: parse, call one verb, show what it answers."""
