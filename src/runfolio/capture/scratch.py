"""A git directory of our own, beside the user's: work on it leaves the repository untouched."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from runfolio.capture.git import Head, Repository
from runfolio.capture.plumbing import Answer, GitFailed, Plumbing

__all__ = ["EMPTY_TREES", "GITLINK", "Scratch", "scratch"]

EMPTY_TREES: Final[Mapping[str, str]] = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""Object format → id of the tree without files, which every git knows."""

GITLINK: Final = b"160000"
"""The mode of a submodule: its entry holds a commit, no file."""

# Settings of the repository that say how its files lie on this disk; no other is followed.
_BOOLEANS: Final = (
    "core.filemode",
    "core.symlinks",
    "core.ignorecase",
    "core.precomposeunicode",
    "core.longpaths",
    "core.sparsecheckout",
    "core.sparsecheckoutcone",
)
# Files are taken as they lie: no conversion of line ends, no filter, whatever the repository's
# attributes say. This file goes before all others.
_ATTRIBUTES: Final = "* -text !eol -ident -filter -working-tree-encoding !diff !merge\n"

_OPTIONS: Final = (
    "-c", "core.fsync=none",
    "-c", "core.looseCompression=0",
    "-c", "core.compression=1",
    "-c", f"core.attributesFile={os.devnull}",
    "-c", "core.untrackedCache=false",
    "-c", "core.splitIndex=false",
    "-c", "core.autocrlf=false",
    "-c", "core.safecrlf=false",
    "-c", "index.sparse=false",
    "-c", "feature.manyFiles=false",
)  # fmt: skip


_PREFIX: Final = "runfolio-git-"
# A snapshot is given seconds.
_LEFT_S: Final = 3600.0
_MOST_SEEN: Final = 10_000


class Scratch:
    """Commands on a scratch git directory whose work tree is the user's.

    Attributes
    ----------
    folder : Path
        The git directory; deleted afterwards.
    top : bytes
        The user's work tree.
    base : str
        The tree to compare with: that of ``HEAD``, or the empty one.
    keeps_modes : bool
        Whether a file's mode counts here.
    lacks_index : bool
        Whether the user's index is missing, unreadable or broken, though there is a commit.
    """

    def __init__(self, folder: Path, repository: Repository, head: Head, deadline: float) -> None:
        self.folder = folder
        self.top = os.fsencode(repository.top)
        self.base = head.tree or EMPTY_TREES[repository.object_format]
        self.keeps_modes = head.says("core.filemode", default=True)
        self.lacks_index = head.tree is not None and not (folder / "index").is_file()
        excludes = head.settings.get("core.excludesfile")
        options: tuple[str, ...] = _OPTIONS
        if excludes:
            options = (*_OPTIONS, "-c", f"core.excludesFile={os.path.expanduser(excludes)}")  # noqa: PTH111
        self._git = Plumbing(
            repository.top,
            deadline,
            {
                "GIT_DIR": str(folder),
                "GIT_WORK_TREE": repository.top,
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
            },
            options,
        )
        # Quoted, because a colon parts the paths of this variable.
        quoted = repository.objects.replace("\\", "\\\\").replace('"', '\\"')
        self._objects = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}

    def write(self, *arguments: str, stdin: bytes | None = None) -> Answer:
        """Run a command that may write objects, without sight of the user's.

        With them in sight git would touch the dates of those it finds there.
        """
        return self._git.run(*arguments, stdin=stdin)

    def read(self, *arguments: str, stdin: bytes | None = None) -> Answer:
        """Run a command that only reads, with the user's objects in sight."""
        return self._git.run(*arguments, stdin=stdin, variables=self._objects)

    def sizes(self, ids: Iterable[bytes]) -> dict[bytes, int]:
        """Return the size of each object; those that are missing are not in the answer."""
        asked = sorted({object_id for object_id in ids if object_id.strip(b"0")})
        if not asked:
            return {}
        answer = self.read(
            "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=b"\n".join(asked) + b"\n"
        )
        pairs = (line.split() for line in answer.output.splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if pair[1].isdigit()}

    def contents(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the content of each object; `sizes` has to know all of them."""
        return self._git.contents(ids, self._objects)

    def start_over(self) -> None:
        """Make the index anew from the base, each file compared with it."""
        with contextlib.suppress(OSError):
            (self.folder / "index").unlink()
        self.read("read-tree", self.base)
        # It fails where files differ, which is looked at later.
        with contextlib.suppress(GitFailed):
            self.read("update-index", "-q", "--refresh")


@contextlib.contextmanager
def scratch(repository: Repository, head: Head, deadline: float) -> Iterator[Scratch]:
    """Make a scratch git directory with a copy of the user's index; delete it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _sweep(folder.parent)
    try:
        _fill(folder, repository, head)
        made = Scratch(folder, repository, head, deadline)
        if head.says("index.sparse"):
            _expand(made)
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(temporary: Path) -> None:
    """Delete what processes left that were killed in the middle of their snapshot."""
    before = time.time() - _LEFT_S
    with contextlib.suppress(OSError), os.scandir(temporary) as entries:
        for entry in itertools.islice(entries, _MOST_SEEN):
            if not entry.name.startswith(_PREFIX):
                continue
            with contextlib.suppress(OSError):
                about = entry.stat(follow_symlinks=False)
                is_folder = entry.is_dir(follow_symlinks=False)
                if is_folder and about.st_uid == os.getuid() and about.st_mtime < before:
                    shutil.rmtree(entry.path, ignore_errors=True)


def _expand(made: Scratch) -> None:
    """Replace folders that stand for all their files in the index by these files.

    Git writes the trees it reads for that once more; so they are brought over first, for it
    not to do so in sight of the user's objects.
    """
    entries = made.read("-c", "index.sparse=true", "ls-files", "--sparse", "-s", "-z").items()
    trees = [entry.split()[1] for entry in entries if entry.startswith(b"040000 ")]
    if not trees:
        return
    pack = made.read(
        "pack-objects", "--revs", "--stdout", "--filter=blob:none", "-q", stdin=b"\n".join(trees)
    )
    made.write("index-pack", "--stdin", stdin=pack.output)
    made.write("update-index", "--force-write-index")


def _fill(folder: Path, repository: Repository, head: Head) -> None:
    for name in ("objects", "refs", "info"):
        (folder / name).mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/scratch\n", encoding="ascii")
    (folder / "config").write_text(_config(repository, head), encoding="ascii")
    (folder / "info" / "attributes").write_text(_ATTRIBUTES, encoding="ascii")
    _copy(repository.exclude, folder / "info" / "exclude")
    _copy(repository.sparse, folder / "info" / "sparse-checkout")
    # With its date: what is younger than the index is looked at again, byte by byte.
    with contextlib.suppress(PermissionError):
        if _copy(repository.index, folder / "index"):
            if not _is_sound(folder / "index", repository.object_format):
                (folder / "index").unlink()
            for shared in Path(repository.index).parent.glob("sharedindex.*"):
                _copy(str(shared), folder / shared.name)


def _config(repository: Repository, head: Head) -> str:
    sha256 = repository.object_format == "sha256"
    lines = ["[core]", f"repositoryformatversion = {int(sha256)}", "bare = false"]
    lines += [
        f"{name.removeprefix('core.')} = {str(head.says(name)).lower()}"
        for name in _BOOLEANS
        if name in head.settings
    ]
    if sha256:
        lines += ["[extensions]", "objectFormat = sha256"]
    return "\n".join(lines) + "\n"


def _is_sound(index: Path, object_format: str) -> bool:
    """Return whether an index is whole: git itself takes the beginning of one for all of it."""
    content = index.read_bytes()
    size = hashlib.new(object_format).digest_size
    body, found = content[:-size], content[-size:]
    # Who has set index.skipHash has zeros there.
    return not found.strip(b"\0") or hashlib.new(object_format, body).digest() == found


def _copy(source: str, target: Path) -> bool:
    # A pipe in the place of a file would be waited for.
    if not os.path.isfile(source):  # noqa: PTH113 - a path of git's, as text
        return False
    shutil.copy2(source, target)
    return True
