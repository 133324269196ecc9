"""Finding secrets in what is about to be written, and putting marks in their place."""
