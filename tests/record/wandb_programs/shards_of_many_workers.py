"""Workers each put their shard into one artifact; the last one closes it."""

import os

import runfolio as wandb

GROUP = "crawl-7"


def worker(rank):
    with wandb.init(project="shards", group=GROUP, job_type="worker", name=f"worker-{rank}") as run:
        os.makedirs(f"shards/{rank}", exist_ok=True)
        with open(f"shards/{rank}/part-{rank:03}.jsonl", "w") as f:
            f.write('{"rank": %d}\n' % rank)
        art = wandb.Artifact("crawl", type="dataset")
        art.add_dir(f"shards/{rank}")
        run.upsert_artifact(art, distributed_id=GROUP)


for rank in range(3):
    worker(rank)

with wandb.init(project="shards", group=GROUP, job_type="finish") as run:
    art = wandb.Artifact("crawl", type="dataset")
    with art.new_file("index.txt") as f:
        f.write("3 parts")
    done = run.finish_artifact(art, distributed_id=GROUP)
    done.wait()

with wandb.init(project="shards") as run:
    crawl = run.use_artifact("crawl:latest")
    parts = sorted(f.name for f in crawl.files())
    assert parts == ["index.txt", "part-000.jsonl", "part-001.jsonl", "part-002.jsonl"], parts
