"""The thread of all live widgets."""

from __future__ import annotations

import sys
import threading

from runfolio.widgets.feed import Feed


class Member:
    def __init__(self) -> None:
        self.over = False
        self.intervals: list[float] = []
        self.twice = threading.Event()

    def turn(self) -> None:
        self.intervals.append(sys.getswitchinterval())
        if len(self.intervals) > 1:
            self.twice.set()


def test_a_member_has_its_turns_until_it_is_taken_out_and_no_setting_stays() -> None:
    before, feed, member = sys.getswitchinterval(), Feed(), Member()
    feed.add(member)
    assert member.twice.wait(10)
    feed.remove(member)
    thread = feed._thread
    if thread is not None:
        thread.join(10)

    assert max(member.intervals) < before
    assert sys.getswitchinterval() == before
    assert feed._thread is None
