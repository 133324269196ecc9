"""An evaluation writes its predictions as a table with pictures; a later run reads them."""

import numpy as np

import runfolio as wandb

rng = np.random.default_rng(0)

with wandb.init(project="eval", name="evaluate", config={"model": "cnn"}) as run:
    columns = ["id", "image", "truth", "guess", *[f"score_{k}" for k in range(3)]]
    table = wandb.Table(columns=columns)
    for i in range(6):
        scores = rng.dirichlet(np.ones(3))
        image = wandb.Image((rng.random((8, 8, 3)) * 255).astype(np.uint8), caption=f"no {i}")
        table.add_data(f"img-{i}", image, i % 3, int(scores.argmax()), *scores)
    at = wandb.Artifact("predictions-" + str(run.id), type="predictions")
    entry = at.add(table, "predictions")
    at.add(wandb.Image(np.zeros((4, 4), np.uint8)), "cover")
    at["confusion"] = wandb.Table(columns=["truth", "guess", "n"], data=[[0, 1, 3], [1, 1, 2]])
    run.log({"accuracy": 0.5})
    run.log_artifact(at, aliases=["latest", "cnn"])
    run.log({"predictions": table})
    assert entry.path == "predictions.table.json"
    run_id = run.id

with wandb.init(project="eval", name="compare") as run:
    art = run.use_artifact(f"eval/predictions-{run_id}:cnn", type="predictions")
    table = art.get("predictions")
    assert table.columns[:4] == ["id", "image", "truth", "guess"]
    rows = [row for _, row in table.iterrows()]
    assert len(rows) == 6
    wrong = [row[0] for row in rows if row[2] != row[3]]
    assert all(name.startswith("img-") for name in wrong)
    assert isinstance(rows[0][1], wandb.Image)
    assert art.get("predictions.table.json").get_column("truth") == [0, 1, 2, 0, 1, 2]
    assert art.get("confusion").get_column("n", convert_to="numpy").sum() == 5
    assert art["cover"].width == 4
    assert art.get("nothing") is None
    df = art.get("confusion").get_dataframe()
    run.log({"errors": wandb.Table(dataframe=df)})
