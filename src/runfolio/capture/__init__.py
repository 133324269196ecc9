"""Looking at the world around a run: code, environment, hardware, seeds, cells. Nothing is written here."""
