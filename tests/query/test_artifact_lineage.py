"""Where data, artifacts and runs came from, what came of them, and what of it is old."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from tests.artifact_store import ArtifactStore, hash_of

from runfolio.errors import RunNotFound, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.query.artifact_graph import Node
from runfolio.query.artifact_lineage import artifact_lineage
from runfolio.store.index import Index
from runfolio.store.store import Store

ONE, TWO = b"x,y\n1,2\n", b"x,y\n1,2\n3,4\n"


def run(name: str) -> Node:
    return Node("run", name)


def version(name: str) -> Node:
    return Node("version", name)


@pytest.fixture
def made(tmp_path: Path) -> ArtifactStore:
    """Return a store: raw data, a run that makes digits of it, one that trains, one that evaluates."""
    made = ArtifactStore(tmp_path / "folio")
    raw = {"name": "raw.csv", "uri": "data/raw.csv", "hash": hash_of(b"raw"), "found": "declared"}
    made.run("prepare", made=[("digits", 0, "dataset")], data=[raw])
    made.version("digits", {"digits.csv": ONE}, run="prepare")
    made.run("train", used=[("digits", 0, "dataset")], made=[("net", 0, "model")])
    made.version("net", {"net.pt": b"weights"}, run="train", type="model")
    made.run("evaluate", used=[("net", 0, "model")])
    return made


def test_lineage_goes_from_data_through_runs_and_versions_to_what_came_of_them(
    made: ArtifactStore,
) -> None:
    found = artifact_lineage(made.store, "digits:v0")

    assert found.upstream() == [run("prepare"), Node("data", hash_of(b"raw"))]
    assert found.downstream() == [run("train"), version("net:v0"), run("evaluate")]
    assert [edge.how for edge in found.edges] == ["used", "made", "used", "made", "used"]


def test_runs_that_used_a_version_are_told_and_runs_that_made_it(made: ArtifactStore) -> None:
    found = artifact_lineage(made.store, "digits:v0")

    assert (found.users, found.makers) == ([run("train")], [run("prepare")])


def test_what_came_of_old_data_is_old(made: ArtifactStore) -> None:
    made.version("digits", {"digits.csv": TWO})

    found = artifact_lineage(made.store, "digits:v0")

    assert {node: (old.why, old.direct) for node, old in found.stale.items()} == {
        run("train"): ("digits:v1 is newer than v0", True),
        version("net:v0"): ("digits:v1 is newer than v0", False),
        run("evaluate"): ("digits:v1 is newer than v0", False),
    }


def test_a_newer_version_of_the_same_content_makes_nothing_old(made: ArtifactStore) -> None:
    made.version("digits", {"digits.csv": TWO})
    made.version("digits", {"digits.csv": ONE})

    assert artifact_lineage(made.store, "digits:v0").stale == {}


def test_a_newer_checkpoint_makes_no_result_old(made: ArtifactStore) -> None:
    made.version("net", {"net.pt": b"better"}, type="model")

    assert artifact_lineage(made.store, "net:v0").stale == {}


def test_a_run_that_makes_the_next_version_out_of_the_last_one_is_not_old(
    made: ArtifactStore,
) -> None:
    made.run("extend", used=[("digits", 0, "dataset")], made=[("digits", 1, "dataset")])
    made.version("digits", {"digits.csv": TWO}, run="extend")

    found = artifact_lineage(made.store, "digits:v0")

    assert run("extend") not in found.stale
    assert version("digits:v1") not in found.stale


def test_data_is_linked_to_the_version_that_holds_it_by_itself(made: ArtifactStore) -> None:
    data = {"name": "d.csv", "uri": "d.csv", "hash": hash_of(ONE), "found": "detected"}
    made.run("other", data=[data])

    found = artifact_lineage(made.store, "digits:v0")

    assert run("other") in found.users
    assert [e.how for e in found.edges if e.target == run("other")] == ["same content"]


def test_a_folder_is_known_again_by_the_list_of_its_files_and_one_file_as_a_part(
    made: ArtifactStore,
) -> None:
    from runfolio.capture.data_hash import list_hash

    made.version("two", {"a.csv": ONE, "b.csv": TWO})
    folder = list_hash([("b.csv", hash_of(TWO)), ("a.csv", hash_of(ONE))])
    made.run("whole", data=[{"name": "two", "uri": "two", "hash": folder}])
    made.run("piece", data=[{"name": "b", "uri": "two/b.csv", "hash": hash_of(TWO)}])

    found = artifact_lineage(made.store, "two:v0")

    how = {edge.target.id: edge.how for edge in found.edges}
    assert how == {"whole": "same content", "piece": "part"}


def test_data_that_versions_hold_is_asked_for_by_its_name_too(made: ArtifactStore) -> None:
    for run_id, content in (("old", ONE), ("new", TWO)):
        item = {"name": "d.csv", "uri": "data/d.csv", "hash": hash_of(content), "found": "detected"}
        made.run(run_id, data=[item])
        made.version("digits", {"digits.csv": TWO})
    for text in ("d.csv", "data/d.csv"):
        found = artifact_lineage(made.store, text)
        assert sorted(found.start) == [version("digits:v0"), version("digits:v1")]
        assert found.users == [run("train"), run("old"), run("new")]
        assert run("old") in found.stale
        assert run("new") not in found.stale
    digest = hash_of(ONE)
    for text in (digest, digest.removeprefix("blake3:")[:12]):
        assert artifact_lineage(made.store, text).start == (version("digits:v0"),)


def test_of_one_content_in_two_versions_the_newest_that_was_there_counts(
    made: ArtifactStore,
) -> None:
    made.version("digits", {"digits.csv": TWO})
    made.run("between", data=[{"name": "d", "uri": "d", "hash": hash_of(ONE)}])
    made.version("digits", {"digits.csv": ONE})
    made.run("after", data=[{"name": "d", "uri": "d", "hash": hash_of(ONE)}])

    assert run("between") in artifact_lineage(made.store, "digits:v0").users
    assert artifact_lineage(made.store, "digits:v2").users == [run("after")]


def test_data_without_a_version_is_old_when_a_later_run_found_other_content(
    made: ArtifactStore,
) -> None:
    made.run("early", data=[{"name": "t", "uri": "data/t.csv", "hash": hash_of(b"1")}])
    made.run("late", data=[{"name": "t", "uri": "data/t.csv", "hash": hash_of(b"2")}])

    found = artifact_lineage(made.store, "data/t.csv")

    assert {node.id: old.why for node, old in found.stale.items()} == {
        "early": "a later run found other content in data/t.csv"
    }


def test_what_a_run_made_of_its_data_is_not_what_went_in(made: ArtifactStore) -> None:
    made.run("keep", data=[{"name": "n", "uri": "n", "hash": hash_of(b"new")}],
             made=[("kept", 0, "dataset")])  # fmt: skip
    made.version("kept", {"n": b"new"}, run="keep")

    assert artifact_lineage(made.store, "kept:v0").users == []
    assert artifact_lineage(made.store, "kept").upstream()[-1] == Node("data", hash_of(b"new"))


def test_a_run_that_uses_and_makes_one_version_is_a_cycle_and_no_loop(
    made: ArtifactStore,
) -> None:
    made.run("again", used=[("digits", 0, "dataset")], made=[("digits", 0, "dataset")])

    found = artifact_lineage(made.store, "digits:v0")

    assert run("again") in found.users
    assert [e.how for e in found.edges if e.source == run("again")] == ["made again"]


def test_a_run_that_was_removed_is_told_as_the_maker(made: ArtifactStore) -> None:
    shutil.rmtree(made.path / "prepare")

    found = artifact_lineage(made.store, "digits:v0")

    assert found.makers == [run("prepare")]
    assert found.facts(run("prepare")).fault == "not in this store any more"


def test_a_version_edited_by_hand_is_told_and_takes_part(made: ArtifactStore) -> None:
    path = made.path / ".artifacts" / "digits" / "v0.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace("dataset", "database"))

    found = artifact_lineage(made.store, "digits:v0")

    assert "edited by hand" in found.facts(version("digits:v0")).fault
    assert found.users == [run("train")]


def test_uses_beyond_those_of_the_manifest_are_found_among_the_events(tmp_path: Path) -> None:
    made = ArtifactStore(tmp_path / "folio")
    short = [(f"n{n}", 0, "dataset") for n in range(50)]
    event = {"kind": "artifact", "op": "used", "name": "far", "version": 3, "type": "dataset"}
    made.run("many", used=short, events=[event, event | {"version": "three"}])

    found = artifact_lineage(made.store, "far:v3")

    assert found.users == [run("many")]


@pytest.mark.parametrize(
    "artifacts",
    [{"used": "digits"}, {"used": [["digits"], ["digits", "0"], [1, 2], [["a"], 0], None]},
     {"used": [["digits", -1, "dataset"], ["digits", True, "x"]]}],
)  # fmt: skip
def test_a_short_form_that_makes_no_sense_is_passed_over(
    made: ArtifactStore, artifacts: dict[str, object]
) -> None:
    made.run("odd", artifacts=artifacts)

    assert artifact_lineage(made.store, "digits:v0").users == [run("train")]


def test_an_alias_means_its_version(made: ArtifactStore) -> None:
    made.version("digits", {"digits.csv": TWO})
    ArtifactVersions(made.path, "digits").move("gold", 0)

    found = artifact_lineage(made.store, "digits:gold")

    assert found.start == (version("digits:v0"),)
    assert found.facts(version("digits:v0")).aliases == ("gold",)


def test_a_run_is_asked_for_as_everywhere(made: ArtifactStore) -> None:
    assert artifact_lineage(made.store, "@last").start == (run("evaluate"),)
    assert artifact_lineage(made.store, made.store.record("train")).start == (run("train"),)


def test_what_is_not_there_is_named_with_the_nearest(made: ArtifactStore) -> None:
    with pytest.raises(RunNotFound, match=r"No artifact and no data is called so.*digits"):
        artifact_lineage(made.store, "digit")
    with pytest.raises(UsageError, match="no version 'v7'"):
        artifact_lineage(made.store, "digits:v7")
    with pytest.raises(RunNotFound, match="by text or by a run"):
        artifact_lineage(made.store, 3)


def test_a_run_brought_from_another_store_tells_of_versions_that_are_not_there(
    made: ArtifactStore,
) -> None:
    made.run("brought", used=[("elsewhere", 4, "dataset")])

    found = artifact_lineage(made.store, "elsewhere:v4")

    assert found.users == [run("brought")]
    assert found.facts(version("elsewhere:v4")).fault == "not in this store"
    with pytest.raises(UsageError, match="No run tells of a version 'v9'"):
        artifact_lineage(made.store, "elsewhere:v9")


def test_new_runs_and_versions_are_seen_by_a_store_that_was_asked_before(
    made: ArtifactStore,
) -> None:
    store = made.store
    artifact_lineage(store, "digits")

    made.run("new", used=[("digits", 0, "dataset")])
    made.version("digits", {"digits.csv": TWO})

    assert run("new") in artifact_lineage(store, "digits:v0").stale
    assert version("digits:v1") in artifact_lineage(store, "digits").start


def test_versions_behind_a_link_are_not_looked_at(made: ArtifactStore, tmp_path: Path) -> None:
    elsewhere = ArtifactStore(tmp_path / "other")
    elsewhere.version("secret", {"a": b"a"})
    (made.path / ".artifacts" / "secret").symlink_to(elsewhere.path / ".artifacts" / "secret")

    with pytest.raises(RunNotFound):
        artifact_lineage(made.store, "secret:v0")


def test_an_index_gives_the_same_lineage(made: ArtifactStore, tmp_path: Path) -> None:
    made.version("digits", {"digits.csv": TWO})
    without = artifact_lineage(made.store, "digits")
    time.sleep(0.1)  # an index has only what can no more change under the same date
    for _ in range(2):
        store = Store(made.path, index=Index(made.path, tmp_path / "cache"))
        found = artifact_lineage(store, "digits")

    assert "train" in Index(made.path, tmp_path / "cache").load()
    assert (found.steps, found.edges, found.stale) == (without.steps, without.edges, without.stale)
    assert store.record("train").artifacts == next(
        record.artifacts for record in store.records() if record.id == "train"
    )


def test_a_version_that_was_dropped_makes_nothing_old_and_says_so(made: ArtifactStore) -> None:
    made.version("digits", {"digits.csv": TWO})
    store = made.store
    assert artifact_lineage(store, "digits:v0").stale

    ArtifactVersions(made.path, "digits").drop(1, "it was wrong")

    found = artifact_lineage(store, "digits")
    assert found.stale == {}
    assert found.facts(version("digits:v1")).fault == "its content was dropped"
    assert artifact_lineage(store, "digits:v1").facts(version("digits:v1")).fault
