"""``python -m runfolio`` is the ``runfolio`` command."""

from __future__ import annotations

from runfolio.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
