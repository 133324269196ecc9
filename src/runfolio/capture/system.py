"""The machine as a run uses it: readings of processor, memory, disk, network and GPUs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from runfolio.capture.gpus import Gpus

if TYPE_CHECKING:
    from runfolio.capture.process_tree import ProcessTree

__all__ = ["System"]


class System:
    """Takes readings, as a flat mapping; a reading that errs is left out of it.

    Parameters
    ----------
    monotonic : callable
        Seconds that pass; rates are over them.

    Attributes
    ----------
    gpus : Gpus
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.gpus = Gpus()
        self._monotonic = monotonic
        self._tree: ProcessTree | None = None
        self._at: float | None = None
        self._network: tuple[int, int] | None = None

    def read(self) -> dict[str, float]:
        """Return what can be read now; rates are over the time since the call before.

        Returns
        -------
        dict
            Of this process and all that it started: ``cpu_percent`` (100 is one core),
            ``memory_bytes`` (resident), ``disk_read_bytes_per_s``, ``disk_written_bytes_per_s``. Of the
            machine, or its container: ``network_sent_bytes_per_s``, ``network_received_bytes_per_s``,
            without what it sends itself. Of each GPU what `Gpus.read` returns.
        """
        now, before = self._monotonic(), self._at
        passed = now - before if before is not None else 0.0
        self._at = now
        found: dict[str, float] = {}
        for reading in (self._of_processes, self._of_network, self._of_gpus):
            # Whatever a driver or a system does, the other readings are taken.
            with contextlib.suppress(Exception):
                found |= reading(passed)
        return found

    def close(self) -> None:
        """Let go of the driver."""
        self.gpus.close()

    def _of_processes(self, passed: float) -> dict[str, float]:
        if self._tree is None:
            from runfolio.capture.process_tree import ProcessTree

            self._tree = ProcessTree()
        usage = self._tree.look()
        found: dict[str, float] = {"memory_bytes": usage.memory_bytes}
        if passed > 0:
            if usage.cpu_s is not None:
                found["cpu_percent"] = round(100 * usage.cpu_s / passed, 1)
            if usage.read_bytes is not None and usage.written_bytes is not None:
                found["disk_read_bytes_per_s"] = round(usage.read_bytes / passed)
                found["disk_written_bytes_per_s"] = round(usage.written_bytes / passed)
        return found

    def _of_gpus(self, _: float) -> dict[str, float]:
        return self.gpus.read()

    def _of_network(self, passed: float) -> dict[str, float]:
        import psutil

        cards = psutil.net_io_counters(pernic=True)
        # The kernel and its front end talk over the loopback all the time.
        outer = [card for name, card in cards.items() if not _is_loopback(name)]
        now = sum(card.bytes_sent for card in outer), sum(card.bytes_recv for card in outer)
        before, self._network = self._network, now
        if before is None or passed <= 0:
            return {}
        sent, received = (max(0, new - old) for new, old in zip(now, before, strict=True))
        return {
            "network_sent_bytes_per_s": round(sent / passed),
            "network_received_bytes_per_s": round(received / passed),
        }


def _is_loopback(card: str) -> bool:
    return card in ("lo", "lo0") or card.startswith("Loopback")
