"""Models in a registry: log_model, link, use by stage, and the older idioms."""

import os
from pathlib import Path

import runfolio as wandb

REGISTRY = "model-registry"


def make_model(text, folder="model_dir"):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/weights.txt", "w") as f:
        f.write(text)
    with open(f"{folder}/config.json", "w") as f:
        f.write("{}")
    return folder


with wandb.init(project="registry", job_type="train") as run:
    run.log_model(path=make_model("one"), name="mnist-cnn", aliases=["baseline"])
    art = wandb.Artifact("mnist-big", type="model")
    art.add_dir(make_model("two", "big"))
    run.log_artifact(art)
    run.link_artifact(art, f"{REGISTRY}/MNIST Classifier", aliases=["staging"])
    linked = run.link_model(
        path="model_dir/weights.txt",
        registered_model_name="MNIST Files",
        name="mnist-file",
        aliases=["best"],
    )
    assert linked.type == "model"

with wandb.init(project="registry", job_type="serve") as run:
    folder = run.use_model("mnist-cnn:baseline")
    assert sorted(os.listdir(folder)) == ["config.json", "weights.txt"]
    file = run.use_model(name="mnist-file:latest")
    assert Path(file).read_text() == "one"
    model = run.use_artifact(f"my-team/{REGISTRY}/MNIST Classifier:staging", type="model")
    assert Path(model.download(), "weights.txt").read_text() == "two"
    assert model.collection.name == "MNIST_Classifier"
    assert model.is_link
    assert model.source_artifact.name == "mnist-big:v0"
    model.link("wandb-registry-model/digits", aliases=["production"])

api = wandb.Api()
production = api.artifact("my-org/wandb-registry-model/digits:production")
assert production.digest == model.digest
collection = api.artifact_collection("model", "my-org/wandb-registry-model/digits")
assert [v.version for v in collection.artifacts()] == ["v0"]
assert "production" in collection.aliases
names = {c.name for c in api.artifact_type("model", project="registry").collections()}
assert {"mnist-cnn", "mnist-big", "digits"} <= names
assert api.artifact_collection_exists("digits", "model")
