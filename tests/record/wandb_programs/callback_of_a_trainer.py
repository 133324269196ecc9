"""A callback as people write it for their own trainer: code, config, checkpoints, a resumed run."""

import os
import shutil

import runfolio as wandb


class ArtifactCheckpoint:
    def __init__(self, run, every=1, keep=2):
        self.run, self.every, self.keep = run, every, keep
        self.logged = []

    def on_epoch_end(self, epoch, metrics):
        if epoch % self.every:
            return
        path = os.path.join(self.run.dir, f"ckpt_{epoch}")
        os.makedirs(path, exist_ok=True)
        for name in ("model.bin", "optimizer.bin"):
            with open(os.path.join(path, name), "wb") as f:
                f.write(f"{name} {epoch}".encode())
        art = wandb.Artifact(
            name=f"run_{self.run.id}_model",
            type="checkpoint",
            metadata={"epoch": epoch, **{k: float(v) for k, v in metrics.items()}},
        )
        art.add_dir(path)
        self.run.log_artifact(art, aliases=[f"epoch_{epoch}"])
        shutil.rmtree(path)  # it was logged
        self.logged.append(art)
        while len(self.logged) > self.keep:
            old = self.logged.pop(0)
            old.wait()
            old.aliases = []
            old.save()
            old.delete(delete_aliases=True)


run = wandb.init(project="trainer", id="resumable", resume="allow", config={"epochs": 4})
run.log_code(".", include_fn=lambda path: path.endswith(".py"))
callback = ArtifactCheckpoint(run)
for epoch in range(run.config["epochs"]):
    loss = 1 / (epoch + 1)
    run.log({"loss": loss})
    callback.on_epoch_end(epoch, {"loss": loss})
assert [a.version for a in run.logged_artifacts()] == ["v2", "v3"], run.logged_artifacts()
run.finish()

run = wandb.init(project="trainer", id="resumable", resume="must")
assert run.resumed
ckpt = run.use_artifact(f"run_{run.id}_model:latest", type="checkpoint")
path = ckpt.download()
with open(f"{path}/model.bin") as f:
    assert f.read() == "model.bin 3"
assert ckpt.metadata["epoch"] == 3
start = ckpt.metadata["epoch"] + 1
run.log({"loss": 1 / (start + 1)})
wandb.log_artifact(f"{path}/model.bin", name="final", type="model", aliases=["final"])
wandb.finish()
assert wandb.Api().artifact("trainer/final:final").logged_by().id == "resumable"
