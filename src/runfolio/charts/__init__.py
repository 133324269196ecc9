"""From answers to Altair charts, and from charts to what a notebook keeps."""
