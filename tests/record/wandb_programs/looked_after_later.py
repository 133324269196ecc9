"""What is said of a version after it was logged: aliases, metadata, description, tags, ttl."""

from datetime import timedelta

import runfolio as wandb

with wandb.init(project="care") as run:
    with open("weights.bin", "wb") as f:
        f.write(bytes(100))
    artifact = wandb.Artifact("net", type="model", description="first try", metadata={"acc": 0.5})
    artifact.add_file("weights.bin")
    run.log_artifact(artifact, aliases=["candidate"])
    artifact.wait()
    artifact.aliases.append("reviewed")
    artifact.metadata["acc"] = 0.75
    artifact.save()

api = wandb.Api()
artifact = api.artifact("care/net:candidate")
assert artifact.metadata == {"acc": 0.75}, artifact.metadata
assert sorted(artifact.aliases) == ["candidate", "latest", "reviewed"]
assert artifact.description == "first try"

# by somebody else, without a run
artifact.aliases.remove("candidate")
artifact.aliases.append("production")
artifact.metadata.update(reviewer="kim", notes={"ok": True})
artifact.description = "Reviewed by Kim. Use **this** one."
artifact.tags = ["good", "small"]
artifact.ttl = timedelta(days=30)
artifact.save()

artifact = api.artifact("net:production")
assert artifact.version == "v0"
assert artifact.metadata == {"acc": 0.75, "reviewer": "kim", "notes": {"ok": True}}
assert artifact.description.startswith("Reviewed by Kim")
assert artifact.tags == ["good", "small"]
assert artifact.ttl == timedelta(days=30)
assert "candidate" not in artifact.aliases
artifact.ttl = None
artifact.metadata = {}
artifact.save()
assert api.artifact("net:v0").ttl is None
assert api.artifact("net:v0").metadata == {}
assert api.artifact("net:v0").tags == ["good", "small"]
assert not api.artifact_exists("care/net:candidate")
assert api.artifact_exists("care/net:production")

try:
    api.artifact("net:candidate")
except wandb.errors.CommError as e:
    assert "candidate" in str(e)

with wandb.init(project="care") as run:
    used = run.use_artifact("net:production")
    assert used.source_name == "net:v0"
    assert used.qualified_name.endswith("net:v0")
    assert used.name == "net:v0"
    assert (used.state, used.type, used.size) == ("COMMITTED", "model", 100)
    assert used.created_at.startswith("20") and used.updated_at >= used.created_at
    assert used.project == used.source_project == "care"
    assert used.url is None
    assert run.used_artifacts()[0].version == "v0"
