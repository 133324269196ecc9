"""Pure data types: what a run is made of. No input or output, no third-party import."""
