"""Data that stays where it lies: an artifact refers to it, and notices that it changed."""

import os
from pathlib import Path

import pytest

import runfolio as wandb

base = Path("bucket with spaces").absolute()
(base / "images" / "cats").mkdir(parents=True)
for i in range(5):
    (base / "images" / "cats" / f"{i}.txt").write_text(f"cat {i}")
(base / "labels.csv").write_text("id,label\n0,cat\n")

with wandb.init(project="refs") as run:
    art = wandb.Artifact("pets", type="dataset")
    art.add_reference(f"file://{base}/images", name="images")
    art.add_reference((base / "labels.csv").as_uri())
    entries = art.add_reference(
        "s3://pets-bucket/raw/dogs.zip", name="raw/dogs.zip", checksum=False
    )
    assert entries[0].ref == "s3://pets-bucket/raw/dogs.zip"
    art.add_reference("https://example.com/readme.md?token=hidden-4f9a8c", checksum=False)
    with pytest.raises(ValueError, match="more than 3 files"):
        wandb.Artifact("few", type="dataset").add_reference(f"file://{base}/images", max_objects=3)
    with pytest.raises(ValueError, match="no such file"):
        art.add_reference("file:///nowhere/at/all.csv")
    run.log_artifact(art)

with wandb.init(project="refs") as run:
    art = run.use_artifact("pets:latest")
    names = sorted(art.manifest.entries)
    assert names == [
        *[f"images/cats/{i}.txt" for i in range(5)],
        "labels.csv",
        "raw/dogs.zip",
        "readme.md",
    ], names
    assert art.get_entry("raw/dogs.zip").ref_target().startswith("s3://")
    local = art.get_path("labels.csv").download(root="here")
    assert Path(local).read_text().startswith("id,label")
    folder = art.download(allow_missing_references=True)
    assert len(os.listdir(os.path.join(folder, "images", "cats"))) == 5
    (base / "labels.csv").write_text("id,label\n0,dog\n")
    with pytest.raises(wandb.Error, match="is not what it was"):
        art.get_path("labels.csv").download(root="there")

# refer to the file of another artifact
with wandb.init(project="refs") as run:
    part = wandb.Artifact("one-pet", type="dataset")
    part.add_reference(run.use_artifact("pets:v0").get_entry("images/cats/3.txt"), name="pet.txt")
    run.log_artifact(part)
    assert Path(part.file()).read_text() == "cat 3"
