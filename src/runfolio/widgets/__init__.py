"""What lives in a notebook's page: one anywidget class a module."""
