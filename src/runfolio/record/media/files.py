"""Media that are files: kept as they are, or made from arrays."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from runfolio.errors import UsageError
from runfolio.record.media.arrays import array_of, is_array
from runfolio.record.media.medium import Medium, Taken, warn_of_unknown
from runfolio.record.media.shelf import Shelf, safe_ending
from runfolio.record.media.source import content_of, file_at, is_open_file
from runfolio.record.values import plain

__all__ = ["FileMedium", "Molecule", "Object3D", "data_address"]

_SHOWN_BYTES: Final = 8_000_000


class FileMedium(Medium):
    """A medium that is one file.

    Attributes
    ----------
    content : bytes or Path
        The file itself, or where it lies; a path is read when it is logged.
    ending : str
        Of its name in the run.
    about : dict
        What the event says of it beside.
    """

    def __init__(self, caption: str | Iterable[str] | None = None) -> None:
        super().__init__(caption)
        self.content: bytes | Path = b""
        self.ending = "bin"
        self.about: dict[str, Any] = {}

    def take(self, shelf: Shelf) -> Taken:
        """Return the file as it is now."""
        about = self._captioned(self.about)
        kind, ending, content = self.type, self.ending, self.content
        if isinstance(content, Path):
            held = shelf.hold(content)
            size = len(held.data or b"")
            return Taken(kind, size, lambda shelf: shelf.put_held(kind, ending, held) | about)
        return Taken(kind, len(content), lambda shelf: shelf.put(kind, ending, content) | about)

    def made(self) -> tuple[bytes, str]:
        """Return the file, and the ending of its name."""
        content = self.content
        return (content.read_bytes() if isinstance(content, Path) else content), self.ending

    def _read(self, value: Any, ending: str | None, kinds: Sequence[str]) -> None:
        """Take a path or an open file whose kind is among those that are known."""
        name = type(self).__name__
        path = value if isinstance(value, (str, os.PathLike)) else None
        if path is None and isinstance(getattr(value, "name", None), str):
            path = value.name if Path(value.name).is_file() else None
        if path is not None:
            self.content = file_at(path, name)
            ending = _known_ending(self.content.name, kinds)
        elif is_open_file(value) or isinstance(value, (bytes, bytearray)):
            self.content = content_of(value, name)
        else:
            raise UsageError(f"{name}() takes a path or an open file, not {type(value).__name__}.")
        if ending is None or ending not in kinds:
            raise UsageError(
                f"{name}: the file is {f'of type {ending!r}' if ending else 'of an unknown type'}; "
                f"expected one of {', '.join(kinds)}."
            )
        self.ending = ending


def data_address(data: bytes, mime: str) -> str | None:
    """Return a file as an address that a page can hold; ``None`` where that would burden it."""
    if len(data) > _SHOWN_BYTES:
        return None
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _known_ending(name: str, kinds: Sequence[str]) -> str:
    lower = name.lower()
    return next((kind for kind in kinds if lower.endswith(f".{kind}")), safe_ending(name, ""))


class Object3D(FileMedium):
    """A shape or a cloud of points, kept as a file.

    Parameters
    ----------
    data_or_path : array, mapping, path or open file
        Points of shape (n, 3), (n, 4) with a class 1 to 14, or (n, 6) with RGB; a mapping of
        type ``lidar/beta``; or a file: obj, gltf, glb, babylon, stl, pts.json.
    caption : str, optional
        Words to it.
    file_type : str, optional
        What an open file holds.

    Raises
    ------
    UsageError
        It is none of these.
    """

    type = "file"
    SUPPORTED_TYPES: Final = ("obj", "gltf", "glb", "babylon", "stl", "pts.json")

    def __init__(
        self,
        data_or_path: Any,
        caption: str | Iterable[str] | None = None,
        file_type: str | None = None,
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Object3D", unknown, ("data_or_path", "caption", "file_type"))
        super().__init__(caption)
        if isinstance(data_or_path, Mapping):
            self._take_scene(data_or_path)
        elif is_array(data_or_path):
            self._take_points(data_or_path)
        else:
            self._read(data_or_path, file_type, self.SUPPORTED_TYPES)
        self.about = {"kind": "object3d"}

    def _take_points(self, points: Any) -> None:
        array = array_of(points, "Object3D")
        if array.ndim != 2 or array.shape[1] not in (3, 4, 6):
            raise UsageError(
                f"points of shape {array.shape}; expected (n, 3), (n, 4) or (n, 6): x, y, z, and "
                "a class or a colour."
            )
        self.content, self.ending = orjson.dumps(array.tolist()), "pts.json"

    def _take_scene(self, scene: Mapping[str, Any]) -> None:
        if scene.get("type") != "lidar/beta":
            raise UsageError(f"a scene of type {scene.get('type')!r}; expected 'lidar/beta'.")
        parts = {name: _listed(scene.get(name)) for name in ("vectors", "points", "boxes")}
        self.content, self.ending = orjson.dumps({"type": "lidar/beta", **parts}), "pts.json"

    @classmethod
    def from_file(cls, data_or_path: Any, file_type: str | None = None) -> Object3D:
        """Return a shape out of a file."""
        return cls(data_or_path, file_type=file_type)

    @classmethod
    def from_numpy(cls, data: Any) -> Object3D:
        """Return a cloud of points out of an array."""
        return cls(data)

    @classmethod
    def from_point_cloud(
        cls,
        points: Any,
        boxes: Any,
        vectors: Any = None,
        point_cloud_type: str = "lidar/beta",
    ) -> Object3D:
        """Return a scene of points, boxes around some of them, and arrows."""
        return cls({
            "type": point_cloud_type, "points": points, "boxes": boxes, "vectors": vectors
        })  # fmt: skip


def _listed(part: Any) -> Any:
    if part is None:
        return []
    # A cloud may have millions of numbers: an array of them is no walk for `plain`.
    numbers = is_array(part) and part.dtype.kind in "biuf"
    return part.tolist() if numbers else plain(list(part))


class Molecule(FileMedium):
    """A molecule, kept as a file.

    Parameters
    ----------
    data_or_path : path or open file
        Of type pdb, pqr, mmcif, mcif, cif, sdf, sd, gro, mol2 or mmtf.
    caption : str, optional
        Words to it.
    file_type : str, optional
        What an open file holds.

    Raises
    ------
    UsageError
        It is none of these.
    """

    type = "file"
    SUPPORTED_TYPES: Final = (
        "pdb", "pqr", "mmcif", "mcif", "cif", "sdf", "sd", "gro", "mol2", "mmtf"
    )  # fmt: skip

    def __init__(
        self,
        data_or_path: Any,
        caption: str | Iterable[str] | None = None,
        file_type: str | None = None,
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Molecule", unknown, ("data_or_path", "caption", "file_type"))
        super().__init__(caption)
        self._read(data_or_path, file_type, self.SUPPORTED_TYPES)
        self.about = {"kind": "molecule"}
