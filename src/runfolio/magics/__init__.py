"""The notebook's doors: ``%%track``, ``%track`` and the cell events behind them."""
