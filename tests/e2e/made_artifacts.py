"""A few runs whose artifacts the panel shows: data in two versions, a model, and words that mean harm."""

from __future__ import annotations

from pathlib import Path

import runfolio
from runfolio.verbs.promote import promote

__all__ = ["HOSTILE", "make_artifacts"]

HOSTILE = "<img src=x onerror='window.__pwn=1'><script>window.__pwn=1</script>"
ROWS = "id,width\n" + "".join(f"{n},{n * 1.5}\n" for n in range(60))


def make_artifacts(folder: Path) -> None:
    """Make them as a script would, in the store that is set."""
    for number, (name, rows) in enumerate(
        [("prepare", ROWS), ("mend", ROWS.replace("7,10.5", "7,11"))]
    ):
        (folder / "table.csv").write_text(rows, encoding="utf-8")
        with runfolio.init(name=name) as run:
            run.log_artifact(str(folder / "table.csv"), name="digits", type="dataset")
            run.log({"rows": number})
    with runfolio.init(name="train") as run:
        run.use_artifact("digits:v1")
        run.log({"val/acc": 0.97})
        net = runfolio.Artifact(
            "net", type="model", description=HOSTILE, metadata={HOSTILE: HOSTILE}
        )
        with net.new_file("w.bin", mode="wb") as file:
            file.write(b"weights")
        run.log_artifact(net)
    with runfolio.init(name=HOSTILE) as run:
        run.use_artifact("net:v0")
    promote("digits:v0", "production", why=HOSTILE)
    promote("digits:v1", "production", why="the better one")
