"""The libraries people train with: one module each, which writes into the run."""
