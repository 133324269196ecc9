"""The Jupyter server extension: stores, views and edits over HTTP, with no kernel needed."""
