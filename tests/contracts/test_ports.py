"""The implementations of the ports keep the contracts of the test kit."""

from __future__ import annotations

from runfolio.format.disk import Disk, SystemClock, SystemIds
from runfolio.testing import (
    ClockContract,
    FaultyFiles,
    FilesContract,
    FixedClock,
    FixedIds,
    IdsContract,
)


class TestDisk(FilesContract):
    def make(self) -> Disk:
        return Disk()


class TestFaultyFilesWithoutFaults(FilesContract):
    def make(self) -> FaultyFiles:
        return FaultyFiles()


class TestSystemClock(ClockContract):
    def make(self) -> SystemClock:
        return SystemClock()


class TestFixedClock(ClockContract):
    def make(self) -> FixedClock:
        return FixedClock()


class TestSystemIds(IdsContract):
    def make(self) -> SystemIds:
        return SystemIds()


class TestFixedIds(IdsContract):
    def make(self) -> FixedIds:
        return FixedIds()
