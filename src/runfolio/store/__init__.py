"""Reading many runs: what a store holds, and what one run has said so far."""
