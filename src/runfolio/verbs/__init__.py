"""The verbs: one command table for every door, a function and a view for each verb."""
