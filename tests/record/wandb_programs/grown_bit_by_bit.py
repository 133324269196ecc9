"""A data set that grows: new drafts, incremental versions, files taken out."""

import os
import tempfile

import runfolio as wandb


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


with wandb.init(project="grow") as run:
    art = wandb.Artifact("corpus", "dataset")
    for day in ("mon", "tue"):
        write(f"daily/{day}/a.txt", day)
    art.add_dir("daily", name="days")
    saved = run.log_artifact(art)
    saved.wait()

with wandb.init(project="grow") as run:
    saved = run.use_artifact("corpus:latest")
    draft = saved.new_draft()
    assert draft.is_draft() and draft.state == "PENDING"
    write("wed.txt", "wed")
    draft.add_file("wed.txt", name="days/wed/a.txt")
    draft.remove("days/mon")
    entry = draft.get_entry("days/tue/a.txt")
    draft.remove(entry)
    run.log_artifact(draft, aliases=["pruned"]).wait()
    assert sorted(draft.manifest.entries) == ["days/wed/a.txt"]

with wandb.init(project="grow") as run:
    more = wandb.Artifact("corpus", type="dataset", incremental=True)
    with tempfile.TemporaryDirectory() as tmp:
        write(f"{tmp}/x.bin", "temp")
        more.add_file(f"{tmp}/x.bin", is_tmp=True)
        write(f"{tmp}/y.bin", "fixed")
        more.add_file(local_path=f"{tmp}/y.bin", name="y.bin", policy="immutable", skip_cache=True)
    assert more.incremental
    run.log_artifact(more)
    more.wait(timeout=60)
    assert "days/wed/a.txt" in more.manifest.entries
    assert more.file_count == 3
    assert more.version == "v2"
    assert more.size == sum(f.size for f in more.files())

with wandb.init(project="grow") as run:
    same = wandb.Artifact("corpus", type="dataset")
    folder = run.use_artifact("corpus:latest").checkout("checked-out")
    write(os.path.join(folder, "stranger.txt"), "?")
    run.use_artifact("corpus:latest").checkout("checked-out")
    assert not os.path.exists(os.path.join(folder, "stranger.txt"))
    same.add_dir("checked-out")
    run.log_artifact(same)
    assert same.version == "v2"  # nothing new in it
    assert same.digest == more.digest
    same.verify("checked-out")
    write(os.path.join(folder, "y.bin"), "broken")
    try:
        same.verify("checked-out")
    except ValueError as e:
        assert "y.bin" in str(e)
    else:
        raise AssertionError("verify saw nothing")
