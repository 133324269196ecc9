"""An artifact as a setting, and a table that was only logged and is read as an artifact."""

import runfolio as wandb

with wandb.init(project="config", job_type="make") as run:
    table = wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]])
    run.log({"my_table": table})
    art = wandb.Artifact("rows", type="dataset")
    art.add(table, "rows")
    run.log_artifact(art)
    first_id = run.id

with wandb.init(project="config", job_type="train", config={"lr": 0.1, "dataset": art}) as run:
    assert run.config["lr"] == 0.1
    assert [one.name for one in run.used_artifacts()] == ["rows:v0"]

with wandb.init(project="config", job_type="read") as run:
    logged = run.use_artifact(f"run-{first_id}-my_table:latest")
    assert logged.get("my_table").data == [[1, "x"], [2, "y"]]
    assert logged.type == "run_table"
