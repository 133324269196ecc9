"""Images: every form a script has them in becomes a file that shows just that."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from tests.record.media.conftest import file_of, pixels_of, told, told_of

from runfolio.errors import RunfolioWarning, UsageError
from runfolio.model.media import MediaItem
from runfolio.record.media.image import Image
from runfolio.record.media.overlays import Classes
from runfolio.record.media.png import png
from runfolio.record.run import Run

Log = Callable[[object], MediaItem]
COLOURS = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3) * 4


class Tensor:
    """What torch's tensors are to the recorder, down to the name of their module."""

    __module__ = "torch"

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self._array, self.shape, self.dtype = array, array.shape, f"torch.{array.dtype}"

    def detach(self) -> Tensor:
        return self

    cpu = detach

    def numpy(self) -> np.ndarray[Any, Any]:
        return self._array


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (COLOURS, COLOURS),
        (COLOURS[..., 0], COLOURS[..., 0]),
        (COLOURS[..., :1], COLOURS[..., 0]),
        (COLOURS[None], COLOURS),
        (COLOURS.astype(np.int64), COLOURS),
        (COLOURS.astype(np.float32), COLOURS),
        (np.linspace(0, 1, 20).reshape(4, 5), (np.linspace(0, 1, 20) * 255).reshape(4, 5)),
        (np.eye(4, dtype=bool), np.eye(4) * 255),
        (np.eye(4, dtype=np.uint8), np.eye(4) * 255),
        (np.array([[-1.0, 0.0], [0.5, 1.0]]), np.array([[0, 127], [191, 255]])),
        (np.array([[np.nan, 0.0], [0.5, 1.0]]), np.array([[0, 0], [127, 255]])),
        (Tensor(COLOURS.transpose(2, 0, 1)), COLOURS),
        (Tensor(COLOURS.transpose(2, 0, 1)[:1]), COLOURS[..., 0]),
    ],
)
def test_an_array_becomes_the_picture_that_was_meant(
    run: Run, logged: Log, array: Any, expected: Any
) -> None:
    item = logged(Image(array))

    assert (pixels_of(run, item) == np.floor(expected).astype(np.uint8)).all()
    assert (item.extra["width"], item.extra["height"]) == (expected.shape[1], expected.shape[0])


def test_an_array_changed_after_it_was_made_an_image_does_not_change_the_record(run: Run) -> None:
    array, pillow = COLOURS.copy(), Pillow.fromarray(COLOURS)
    image, bare = Image(array), Image(pillow)

    array[:] = 0
    run.log({"array": image, "pillow": bare, "bare": pillow})
    pillow.paste(0, (0, 0, 5, 4))

    assert all((pixels_of(run, item) == COLOURS).all() for item in told(run))


def test_values_outside_every_range_are_clipped_and_it_is_said(run: Run) -> None:
    with pytest.warns(RunfolioWarning, match="clipped"):
        (item,) = told_of(run, {"x": Image(np.array([[-7.0, 300.0], [20.0, 255.0]]))})

    assert pixels_of(run, item).tolist() == [[0, 255], [20, 255]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[-0.5, 2.0], [0.75, np.nan]], [[0, 255], [127, 0]]),  # shifted and scaled for a network
        ([[0.0, 4.0], [1.0, np.inf]], [[0, 255], [63, 255]]),
        ([[0.0, 0.5], [0.25, 1.0]], [[0, 127], [63, 255]]),
        ([[-1.0, 0.0], [0.5, 1.0]], [[0, 127], [191, 255]]),
        ([[3.0, 3.0], [3.0, 3.0]], [[0, 0], [0, 0]]),
    ],
)
def test_a_tensor_in_no_known_range_is_stretched_onto_all_of_it(
    run: Run, logged: Log, values: Any, expected: Any
) -> None:
    item = logged(Image(Tensor(np.array(values, dtype=np.float32)[None])))

    assert pixels_of(run, item).tolist() == expected


@pytest.mark.parametrize(("number", "size"), [(1, (5, 4)), (3, (23, 8)), (9, (58, 14))])
def test_a_batch_of_tensors_becomes_one_picture(
    run: Run, logged: Log, number: int, size: tuple[int, int]
) -> None:
    batch = np.stack([COLOURS.transpose(2, 0, 1)] * number)
    item = logged(Image(Tensor(batch)))

    assert (item.extra["width"], item.extra["height"]) == size
    pixels = pixels_of(run, item)
    assert (pixels[-4:, :5] if number == 1 else pixels[2:6, 2:7]).tolist() == COLOURS.tolist()


def test_an_empty_batch_is_no_picture() -> None:
    with pytest.raises(UsageError, match=r"\(0, 3, 4, 5\) is no image"):
        Image(Tensor(np.zeros((0, 3, 4, 5))))


def test_values_are_taken_as_they_are_where_it_is_asked(run: Run, logged: Log) -> None:
    assert pixels_of(run, logged(Image(np.eye(3), normalize=False))).max() == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "F"])
@pytest.mark.parametrize("file_type", [None, "jpg", "bmp"])
def test_an_image_of_pillow_is_kept_in_any_mode_and_file_type(
    run: Run, logged: Log, mode: str, file_type: str | None
) -> None:
    item = logged(Image(Pillow.fromarray(COLOURS).convert(mode), file_type=file_type))

    with Pillow.open(io.BytesIO(file_of(run, item))) as opened:
        opened.load()
        assert opened.size == (5, 4)
        assert opened.format == {None: "PNG", "jpg": "JPEG", "bmp": "BMP"}[file_type]


def test_a_file_is_kept_byte_by_byte_as_it_was_at_log(run: Run) -> None:
    Pillow.fromarray(COLOURS).save("a.jpeg")
    before = Path("a.jpeg").read_bytes()
    run.log({"x": Image("a.jpeg", caption="a file")})
    Path("a.jpeg").write_bytes(b"another")
    (item,) = told(run)

    assert file_of(run, item) == before
    assert item.path is not None
    assert item.path.endswith(".jpeg")
    assert (item.extra["width"], item.caption) == (5, "a file")


def test_an_image_of_an_image_takes_the_picture_and_another_caption(run: Run, logged: Log) -> None:
    first = Image(COLOURS, caption="one", grouping=3)

    item = logged(Image(first, caption=["two", "lines"]))

    assert (pixels_of(run, item) == COLOURS).all()
    assert (item.caption, item.extra["grouping"]) == ("two\nlines", 3)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((3, 40, 50)), "transpose"), (np.zeros((2, 3, 40, 50)), "list of images"),
        (np.zeros(5), "is no image"), (np.zeros((0, 5)), "is no image"),
        (np.zeros((4, 4), complex), "real numbers"), (np.array([["a"]]), "real numbers"),
        (np.broadcast_to(np.uint8(0), (7100, 7100)), "50,000,000 pixels"),
        ("missing.png", "no file"), ("https://example.org/a.png", "is an address"),
    ],
)  # fmt: skip
def test_what_is_no_image_is_refused_where_it_is_made(value: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Image(value)


def test_wrong_keywords_are_told_apart() -> None:
    with pytest.raises(UsageError, match="file_type"):
        Image(COLOURS, file_type="tiff")
    with pytest.raises(UsageError, match="3 channels; expected one of RGB"):
        Image(COLOURS, mode="L")
    with pytest.warns(RunfolioWarning, match='Did you mean "caption"'):
        Image(COLOURS, captoin="x")


def test_masks_become_images_with_names_of_their_classes(run: Run, logged: Log) -> None:
    mask = np.array([[0, 1], [3, 3]])
    masks = {"truth": {"mask_data": mask, "class_labels": {0: "sky", 1: "car", 3: "road"}},
             "guess": {"mask_data": mask}}  # fmt: skip
    image = Image(np.zeros((2, 2)), masks=masks)
    mask[:] = 9
    kept = logged(image).extra["masks"]

    assert kept["truth"]["labels"] == {"0": "sky", "1": "car", "3": "road"}
    assert kept["guess"]["labels"] == {"0": "class_0", "1": "class_1", "3": "class_3"}
    with Pillow.open(run.path / kept["truth"]["path"]) as opened:
        assert np.asarray(opened).tolist() == [[0, 1], [3, 3]]


def test_masks_without_names_take_those_of_the_image(logged: Log) -> None:
    classes = Classes([{"id": 0, "name": "sky"}])

    item = logged(
        Image(np.zeros((2, 2)), masks={"m": {"mask_data": np.zeros((2, 2))}}, classes=classes)
    )

    assert item.extra["masks"]["m"]["labels"] == {"0": "sky"}
    assert item.extra["classes"] == {"0": "sky"}


def test_boxes_of_both_forms_become_edges(logged: Log) -> None:
    data = [
        {"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4}, "class_id": 1,
         "box_caption": "a car", "scores": {"iou": np.float32(0.5)}},
        {"position": {"middle": [150, 20], "width": 68, "height": 12}, "domain": "pixel"},
    ]  # fmt: skip
    item = logged(Image(COLOURS, boxes={"p": {"box_data": data, "class_labels": {1: "car"}}}))

    assert item.extra["boxes"]["p"] == {
        "boxes": [
            {"min_x": 0.1, "max_x": 0.2, "min_y": 0.3, "max_y": 0.4, "domain": "fraction",
             "class_id": 1, "caption": "a car", "scores": {"iou": 0.5}},
            {"min_x": 116, "max_x": 184, "min_y": 14, "max_y": 26, "domain": "pixel"},
        ],
        "labels": {"1": "car"},
    }  # fmt: skip


def test_names_that_no_encoding_takes_are_kept_readable(logged: Log) -> None:
    position = {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}
    box = {"position": position, "class_id": 1, "box_caption": "\udcff", "scores": {"\udcff": 1}}
    item = logged(
        Image(
            COLOURS,
            caption="\udcff",
            boxes={"\udcff": {"box_data": [box], "class_labels": {1: "\udcff"}}},
        )
    )

    (kept,) = item.extra["boxes"]["\\udcff"]["boxes"]
    assert (item.caption, kept["caption"], kept["scores"]) == ("\\udcff", "\\udcff", {"\\udcff": 1})


@pytest.mark.parametrize(
    "overlay",
    [
        {"masks": {"m": {"mask_data": np.zeros(3)}}}, {"masks": {"m": {}}},
        {"masks": {"m": {"mask_data": np.full((2, 2), 256)}}},
        {"boxes": {"b": {}}}, {"boxes": {"b": {"box_data": [{}]}}},
        {"boxes": {"b": {"box_data": [{"position": {"minX": 1}}]}}},
        {"boxes": {"b": {"box_data": [{"position": {"middle": 3, "width": 1, "height": 1}}]}}},
        {"boxes": {"b": {"box_data": [
            {"position": {"middle": [0, "x"], "width": 1, "height": 1}}]}}},
    ],
)  # fmt: skip
def test_masks_and_boxes_that_cannot_be_meant_are_refused(overlay: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"expected|no number|no pair"):
        Image(COLOURS, **overlay)


def test_the_own_png_writer_makes_what_pillow_reads() -> None:
    for channels in (1, 2, 3, 4):
        pixels = np.random.default_rng(0).integers(0, 256, (7, 3, channels), dtype=np.uint8)
        with Pillow.open(io.BytesIO(png(pixels.tobytes(), 3, 7, channels))) as opened:
            assert np.asarray(opened).tobytes() == pixels.tobytes()


def test_without_pillow_arrays_are_kept_as_png(
    run: Run, logged: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.media.pictures._pillow", lambda: None)

    assert (pixels_of(run, logged(Image(COLOURS))) == COLOURS).all()


def test_an_image_shows_itself_in_a_notebook() -> None:
    with Pillow.open(io.BytesIO(Image(COLOURS)._repr_png_())) as opened:
        assert (np.asarray(opened) == COLOURS).all()
