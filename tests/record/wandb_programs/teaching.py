"""A first lesson: log a data set, use it in another run, train, log the model."""

import json
import os

import numpy as np

import runfolio as wandb

config = {"project": "artifacts-lesson", "entity": "my-team"}

# 1 - the data set
np.random.seed(0)
os.makedirs("dataset", exist_ok=True)
for split, n in [("train", 60), ("test", 20)]:
    np.savez(f"dataset/{split}.npz", x=np.random.rand(n, 4), y=np.random.randint(0, 2, n))

with wandb.init(**config, job_type="load-data") as run:
    raw_data = wandb.Artifact(
        "toy-raw",
        type="dataset",
        description="Random numbers, split into train/test",
        metadata={"source": "numpy.random", "sizes": [60, 20]},
    )
    raw_data.add_dir("dataset")
    with raw_data.new_file("labels.json", mode="w") as f:
        json.dump({"0": "no", "1": "yes"}, f)
    run.log_artifact(raw_data)

# 2 - preprocess
with wandb.init(**config, job_type="preprocess-data") as run:
    steps = {"normalize": True}
    processed = wandb.Artifact("toy-preprocess", type="dataset", metadata=steps)
    raw = run.use_artifact("toy-raw:latest")
    raw_dir = raw.download(root="./data/artifacts/")
    for split in ["train", "test"]:
        data = np.load(os.path.join(raw_dir, split + ".npz"))
        with processed.new_file(split + ".npz", mode="wb") as file:
            np.savez(file, x=data["x"] - data["x"].mean(0), y=data["y"])
    run.log_artifact(processed)
    assert raw.metadata["sizes"] == [60, 20]
    assert raw.description.startswith("Random")

# 3 - train
with wandb.init(**config, job_type="train", config={"lr": 0.1, "epochs": 3}) as run:
    artifact = run.use_artifact("my-team/artifacts-lesson/toy-preprocess:latest", type="dataset")
    path = artifact.get_path("train.npz").download()
    data = np.load(path)
    w = np.zeros(4)
    for epoch in range(run.config.epochs):
        p = 1 / (1 + np.exp(-data["x"] @ w))
        w -= run.config.lr * data["x"].T @ (p - data["y"]) / len(p)
        run.log({"epoch": epoch, "train/acc": float(((p > 0.5) == data["y"]).mean())})
    np.save("model.npy", w)
    model_artifact = wandb.Artifact("linear", type="model", metadata=dict(run.config))
    model_artifact.add_file("model.npy")
    wandb.save("model.npy")
    run.log_artifact(model_artifact).wait()
    run_id = run.id

assert model_artifact.version == "v0"
assert model_artifact.metadata["lr"] == 0.1
assert model_artifact.logged_by().id == run_id
assert [used.job_type for used in artifact.used_by()] == ["train"]
assert artifact.logged_by().job_type == "preprocess-data"
assert sorted(os.listdir(raw_dir)) == ["labels.json", "test.npz", "train.npz"]
