"""Which series share a chart of a live card."""

from __future__ import annotations

from runfolio.query.summary import direction
from runfolio.widgets.panels import MOST, Panels


def panels_of(*named: tuple[str, float]) -> list[tuple[str, list[str]]]:
    panels = Panels(direction)
    for key, size in named:
        panels.place(key, size)
    names = {one["id"]: one["key"] for one in panels.series}
    return [(panel["title"], [names[n] for n in panel["series"]]) for panel in panels.panels]


def test_metrics_of_one_prefix_and_size_share_a_chart() -> None:
    assert panels_of(("a/x", 1.0), ("b", 3.0), ("a/y", 2.0)) == [
        ("a", ["a/x", "a/y"]), ("b", ["b"])]  # fmt: skip


def test_metrics_that_no_one_scale_serves_do_not() -> None:
    assert panels_of(("a/x", 1.0), ("a/y", 100.0)) == [("a", ["a/x"]), ("a", ["a/y"])]
    assert panels_of(("a/loss", 1.0), ("a/acc", 1.0)) == [("a", ["a/loss"]), ("a", ["a/acc"])]


def test_a_chart_never_moves_when_more_metrics_come() -> None:
    few = panels_of(("a/x", 1.0), ("b", 1.0))
    more = panels_of(("a/x", 1.0), ("b", 1.0), ("a/y", 1.0), ("c/z", float("nan")))

    assert [title for title, _ in more[: len(few)]] == [title for title, _ in few]


def test_what_the_machine_does_comes_last() -> None:
    assert [title for title, _ in panels_of(("system/cpu", 1.0), ("loss", 1.0))] == [
        "loss", "system"]  # fmt: skip


def test_names_keep_their_slashes_where_nothing_stands_beside_them() -> None:
    assert [title for title, _ in panels_of(("/", 1.0), ("a/", 1.0), ("/b", 1.0))] == [
        "/", "a/", "/b"]  # fmt: skip


def test_more_series_than_a_page_can_hold_are_counted() -> None:
    panels = Panels(direction)
    placed = [panels.place(f"m{n}", 1.0) for n in range(MOST + 5)]

    assert placed[-5:] == [None] * 5
    assert panels.more == 5


def test_metrics_over_unlike_axes_do_not_share_a_chart() -> None:
    panels = Panels(direction, {"a/y": "epoch"}.get)
    for key in ("a/x", "a/y", "epoch"):
        panels.place(key, 1.0)

    assert [one["series"] for one in panels.panels] == [[0], [1], [2]]
    assert [(one["along"], one["over"]) for one in panels.series] == [
        (None, ""), (2, "epoch"), (None, "")]  # fmt: skip
