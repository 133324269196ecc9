"""The journal: what a run was, in facts the machine keeps and words a person writes."""
