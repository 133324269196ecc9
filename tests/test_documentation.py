"""What the pages say: links lead somewhere, and pages written from code are current."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from runfolio.store.store import Store
from runfolio.verbs.names import VERBS

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "changelog.d/*.md")
    for path in ROOT.glob(pattern)
    if path.name not in ("JOURNAL.md", "CHANGELOG.md")
)


def script(name: str) -> ModuleType:
    """Load a script of the project without running it."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(page: Path) -> set[str]:
    """Return the anchors that a code host makes of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_settings_page_is_current() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert page == script("settings_page").page(), "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)

    assert wrong == []


def test_the_script_of_the_readme_records_a_run(store_path: Path) -> None:
    """Its ten lines as they stand, with a stand-in for what trains."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    source = next(block for block in blocks if "with runfolio.init(" in block)
    Path("weights.npz").write_bytes(b"0")
    names = {
        "batches": lambda size, epochs: [((), ())] * epochs,
        "train_step": lambda x, y, lr: lr,
        "evaluate": lambda: 0.9,
    }

    exec(compile(source, "README.md", "exec"), names)

    (record,) = Store(store_path).records()
    assert record.metrics["train/loss"].n == 12
    assert record.metrics["val/acc"].last == 0.9
    assert (record.path / "files" / "weights.npz").is_file()


def test_the_readme_names_every_verb() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Commands")[2]

    assert [verb for verb in VERBS if f"`{verb}`" not in table and f"`{verb} " not in table] == []


def test_the_map_names_every_package() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    packages = [path.parent.name for path in ROOT.glob("src/runfolio/*/__init__.py")]

    assert [name for name in packages if f"`{name}`" not in text] == []


def test_notebooks_are_valid_and_their_cells_have_ids() -> None:
    for path in ROOT.glob("notebooks/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)

        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)
