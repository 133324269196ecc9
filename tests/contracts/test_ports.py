"""The implementations of the ports keep the contracts of the test kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from runfolio.format.blobs import BlobStore
from runfolio.format.disk import Disk, SystemClock, SystemIds
from runfolio.format.lease import claim_segment
from runfolio.record.pinned import PinnedFiles
from runfolio.testing import (
    BlobsContract,
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


class TestPinnedFiles(FilesContract):
    @pytest.fixture(autouse=True)
    def _a_folder_of_its_own(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.folder = tmp_path_factory.mktemp("run")

    def make(self) -> PinnedFiles:
        _, heartbeat = claim_segment(self.folder, Disk())
        return PinnedFiles(Disk(), heartbeat)

    def test_nothing_is_written_once_another_folder_is_in_its_place(self, tmp_path: Path) -> None:
        files = self.make()
        self.folder.rename(tmp_path / "moved")
        self.folder.symlink_to(tmp_path)
        for call in (files.put, files.write_new, files.replace):
            with pytest.raises(FileNotFoundError, match="was moved"):
                call(self.folder / "a", b"x")


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


class TestBlobStore(BlobsContract):
    @pytest.fixture(autouse=True)
    def _a_store_of_its_own(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.folder = tmp_path_factory.mktemp("store")

    def make(self) -> BlobStore:
        return BlobStore(self.folder)


class TestBlobStoreOnADiskWithoutFaults(TestBlobStore):
    def make(self) -> BlobStore:
        return BlobStore(self.folder, FaultyFiles())
