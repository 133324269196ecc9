"""Three runs, one after the other: raw, split, train; each uses what the one before made."""

import os

import pandas as pd

import runfolio as wandb

PROJECT = "pipeline"


def upload_raw():
    run = wandb.init(project=PROJECT, job_type="upload")
    pd.DataFrame({"x": range(100), "y": [i % 3 for i in range(100)]}).to_csv("raw.csv", index=False)
    art = wandb.Artifact("raw-data", type="raw_data")
    art.add_file("raw.csv")
    run.log_artifact(art)
    run.finish()
    return art


def split_data(train_share=0.8):
    run = wandb.init(project=PROJECT, job_type="data_split", config={"train_share": train_share})
    raw = run.use_artifact("raw-data:latest")
    folder = raw.download()
    df = pd.read_csv(os.path.join(folder, "raw.csv"))
    n = int(len(df) * wandb.config["train_share"])
    art = wandb.Artifact(
        "split-data", type="dataset", metadata={"rows": {"train": n, "test": len(df) - n}}
    )
    for name, part in (("train", df[:n]), ("test", df[n:])):
        with art.new_file(f"{name}.csv", encoding="utf-8") as f:
            part.to_csv(f, index=False)
    art.add(wandb.Table(dataframe=df[:10]), "preview")
    run.log_artifact(art, aliases=["80-20", "latest"])
    run.finish()


def train():
    with wandb.init(project=PROJECT, job_type="train") as run:
        art = run.use_artifact("split-data:80-20", type="dataset")
        art_dir = art.download()
        df = pd.read_csv(f"{art_dir}/train.csv")
        run.config.update({"dataset": art.name, "n_train": len(df)})
        run.log({"mean": df.x.mean()})
        with open("model.txt", "w") as f:
            f.write(str(df.x.mean()))
        run.log_artifact("model.txt", name="mean-model", type="model")
        return run.id


raw = upload_raw()
split_data()
run_id = train()

# a new delivery of the raw data is a new version
pd.DataFrame({"x": range(120), "y": [i % 3 for i in range(120)]}).to_csv("raw.csv", index=False)
with wandb.init(project=PROJECT, job_type="upload") as run:
    again = run.log_artifact("raw.csv", name="raw-data", type="raw_data").wait()
    assert again.version == "v1"
    assert run.use_artifact("raw-data:v0").digest == raw.digest
split_data()

api = wandb.Api(overrides={"project": PROJECT})
latest, first = (api.artifact(f"split-data:{v}") for v in ("latest", "v0"))
assert latest.metadata["rows"] == {"train": 96, "test": 24}
assert first.metadata["rows"] == {"train": 80, "test": 20}
assert "80-20" in latest.aliases
assert first.aliases == []
assert [r.id for r in first.used_by()] == [run_id]
source = first.logged_by()
assert source.job_type == "data_split"
assert source.config["train_share"] == 0.8
assert first.project == PROJECT
assert len(first.get("preview").data) == 10
