"""Images, tables, histograms, sounds, pages and figures: taken in the caller, written beside it."""
