"""A search over settings: every epoch is a checkpoint, the best one wears an alias."""

import glob
import os
import random

import runfolio as wandb

SETTINGS = [{"lr": lr, "depth": depth} for lr in (0.1, 0.01) for depth in (2, 4)]


def save_checkpoint(state, path):
    with open(path, "w") as f:
        f.write(repr(state))


def train(settings):
    run = wandb.init(project="hpo", group="grid", config=settings, reinit=True)
    cfg = wandb.config
    rng = random.Random(f"{cfg.lr}{cfg.depth}")
    best_val = float("inf")
    for epoch in range(4):
        val_loss = cfg.lr + cfg.depth / 10 + rng.random()
        wandb.log({"val_loss": val_loss, "epoch": epoch})
        ckpt = f"ckpt-{epoch}.pt"
        save_checkpoint({"epoch": epoch, **settings}, ckpt)
        aliases = ["latest", f"epoch-{epoch}"]
        if val_loss < best_val:
            best_val = val_loss
            wandb.run.summary["best_val_loss"] = val_loss
            aliases.append("best")
        artifact = wandb.Artifact(
            f"ckpt-{wandb.run.id}", type="model", metadata={"val_loss": val_loss}
        )
        artifact.add_file(ckpt, name="model.pt")
        run.log_artifact(artifact, aliases=aliases)
    run.finish()
    return best_val, run.id


results = [train(one) for one in SETTINGS]
best_loss, best_id = min(results)

api = wandb.Api()
best = api.artifact(f"hpo/ckpt-{best_id}:best", type="model")
assert best.metadata["val_loss"] == best_loss
assert "best" in best.aliases

versions = api.artifact_versions("model", f"hpo/ckpt-{best_id}")
assert sorted(v.version for v in versions) == ["v0", "v1", "v2", "v3"]
assert min(v.metadata["val_loss"] for v in versions) == best_loss

# what most people do afterwards: throw the others away
for v in api.artifacts("model", f"ckpt-{best_id}"):
    if not {"best", "latest"} & set(v.aliases):
        v.delete(delete_aliases=True)
left = [v.version for v in api.artifacts(type_name="model", name=f"ckpt-{best_id}")]
assert left[0] == "v3", left
assert best.version in left
assert len(left) <= 2

path = best.download(root=os.path.join("best", best.name.replace(":", "-")))
assert glob.glob(path + "/*.pt")
