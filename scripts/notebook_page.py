"""Write a notebook as one HTML page that asks nothing of a network."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from traitlets.config import Config


def main(source: Path, target: Path) -> None:
    """Convert the notebook; scripts and styles from elsewhere are left out."""
    settings = Config()
    settings.HTMLExporter.mathjax_url = ""
    settings.HTMLExporter.require_js_url = ""
    settings.HTMLExporter.jquery_url = ""
    settings.HTMLExporter.mermaid_js_url = ""
    settings.HTMLExporter.widget_renderer_url = ""
    exporter = HTMLExporter(config=settings, template_name="lab", sanitize_html=True)
    body, _ = exporter.from_notebook_node(nbformat.read(source, as_version=4))
    # The template loads its mathematics and its diagrams from a server; the page has neither.
    body = re.sub(r"<script\b[^>]*\bsrc=[^>]*>\s*</script>", "", body)
    body = re.sub(r'<script type="module">.*?</script>', "", body, flags=re.DOTALL)
    target.write_text(body, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
