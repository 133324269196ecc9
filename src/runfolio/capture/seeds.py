"""Random generators: their full states, and the seeds that were set on purpose."""

from __future__ import annotations

import os
import random
import struct
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.model.context import Seeds

__all__ = ["restore", "seeds"]

VARIABLE: Final = "variable:"
"""Before the name of a variable that holds a generator of its own."""

# Unseeded, torch draws 64 random bits: a number below this does not come by chance, and
# people's seeds are shared with numpy, which takes no larger ones.
_CHOSEN_BELOW: Final = 2**32
_MAX_VARIABLES: Final = 1000
# A module that another thread is still importing, or a driver that is gone, shows as any of these.
_UNREADABLE: Final = (AttributeError, RuntimeError, TypeError, ValueError, OSError, ImportError)
_WORD_BYTES: Final = 4


def seeds(namespace: Mapping[str, Any] | None = None) -> Seeds:
    """Return the states of the random generators in use, and the seeds known to be set.

    Parameters
    ----------
    namespace : mapping, optional
        The user's variables; generators among them (``numpy.random.Generator``,
        ``RandomState``, ``random.Random``, ``torch.Generator``) are taken too.

    Returns
    -------
    Seeds
        ``states`` has the keys ``random``, ``numpy``, ``torch``, ``torch.cuda:0`` … and
        ``variable:NAME``. Packages that are not imported yet are not imported for it, and CUDA
        is not started. ``set_by`` holds ``PYTHONHASHSEED`` and ``torch`` where they were set;
        neither ``random`` nor numpy tells its seed (see `seed_calls.seeds_in_source`).
    """
    states: dict[str, Mapping[str, Any]] = {"random": _random_state(random.getstate())}
    states.update(_numpy_states())
    states.update(_torch_states())
    for name, generator in _generators(namespace or {}):
        taken = _state_of(generator)
        if taken is not None:
            states[VARIABLE + name] = taken
    return Seeds(set_by=_set_by(), states=states)


def restore(
    states: Mapping[str, Mapping[str, Any]],
    namespace: MutableMapping[str, Any] | None = None,
) -> list[str]:
    """Put generator states back, and return the keys that could not be.

    Parameters
    ----------
    states : mapping
        As `seeds` returned them, or as they came back from JSON.
    namespace : mapping, optional
        Where the generators of ``variable:NAME`` lie; those that are missing are made there.

    Returns
    -------
    list of str
        Keys whose package is not installed, or whose generator is of another kind now.

    Raises
    ------
    UsageError
        A state is damaged, or of a kind that is not known.
    """
    missed: list[str] = []
    for key, state in states.items():
        try:
            if not _restore_one(key, state, namespace):
                missed.append(key)
        except (ImportError, RuntimeError, AttributeError):
            missed.append(key)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError, struct.error) as error:
            raise UsageError(
                f"The state of the generator {key!r} cannot be read ({error}); expected one that "
                "seeds() returned. Take it from an undamaged run directory."
            ) from error
    return missed


def _set_by() -> dict[str, Any]:
    known: dict[str, Any] = {}
    text = os.environ.get("PYTHONHASHSEED", "")
    if text.isascii() and text.isdigit():
        known["PYTHONHASHSEED"] = int(text)
    torch = sys.modules.get("torch")
    if torch is not None:
        try:
            seed = int(torch.initial_seed())
        except _UNREADABLE:
            return known
        if 0 <= seed < _CHOSEN_BELOW:
            known["torch"] = seed
    return known


def _numpy_states() -> Iterator[tuple[str, Mapping[str, Any]]]:
    module = sys.modules.get("numpy.random")
    if module is None:
        return
    try:
        state = module.get_state(legacy=False)
    except _UNREADABLE:
        return
    yield "numpy", {"kind": "numpy.random", **_packed(state)}


def _torch_states() -> Iterator[tuple[str, Mapping[str, Any]]]:
    torch = sys.modules.get("torch")
    if torch is None:
        return
    try:
        yield "torch", {"kind": "torch", "state": _tensor_hex(torch.get_rng_state())}
        # Asking an idle CUDA would start it, and a process with CUDA started cannot fork.
        if not torch.cuda.is_initialized():
            return
        for device in range(torch.cuda.device_count()):
            state = torch.cuda.get_rng_state(device)
            yield (
                f"torch.cuda:{device}",
                {"kind": "torch.cuda", "device": device, "state": _tensor_hex(state)},
            )
    except _UNREADABLE:
        return


def _generators(namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the user's variables that hold generators, each generator under its first name."""
    kinds = tuple(_kinds())
    seen: set[int] = set()
    # Copied at once: another thread may bind names meanwhile.
    for name, value in list(namespace.items()):
        if name.startswith("_") or not isinstance(value, kinds) or id(value) in seen:
            continue
        seen.add(id(value))
        yield name, value
        if len(seen) >= _MAX_VARIABLES:
            return


def _kinds() -> Iterator[type]:
    yield random.Random
    for module, names in (
        ("numpy.random", ("Generator", "RandomState", "BitGenerator")),
        ("torch", ("Generator",)),
    ):
        for name in names:
            kind: object = getattr(sys.modules.get(module), name, None)
            if isinstance(kind, type):
                yield kind


def _state_of(generator: Any) -> Mapping[str, Any] | None:
    try:
        if isinstance(generator, random.Random):
            # SystemRandom has no state: it cannot be repeated, and says so by raising.
            return _random_state(generator.getstate())
        if hasattr(generator, "bit_generator"):
            return {"kind": "numpy.random.Generator", **_packed(generator.bit_generator.state)}
        if hasattr(generator, "get_state"):
            state = (
                generator.get_state(legacy=False) if "numpy" in type(generator).__module__ else None
            )
            if state is not None:
                return {"kind": "numpy.random.RandomState", **_packed(state)}
            return {
                "kind": "torch.Generator",
                "device": str(generator.device),
                "state": _tensor_hex(generator.get_state()),
            }
        return {"kind": "numpy.random.BitGenerator", **_packed(generator.state)}
    except (*_UNREADABLE, NotImplementedError):
        return None


def _random_state(state: tuple[Any, ...]) -> Mapping[str, Any]:
    version, internal, gauss = state
    words, position = internal[:-1], internal[-1]
    return {
        "kind": "random.Random",
        "version": version,
        "key": struct.pack(f">{len(words)}I", *words).hex(),
        "position": position,
        "gauss": gauss,
    }


def _random_tuple(state: Mapping[str, Any]) -> tuple[Any, ...]:
    key = bytes.fromhex(state["key"])
    words = struct.unpack(f">{len(key) // _WORD_BYTES}I", key)
    return state["version"], (*words, state["position"]), state["gauss"]


def _tensor_hex(tensor: Any) -> str:
    return bytes(tensor.cpu().numpy()).hex()


def _packed(value: Any) -> Any:
    """Return a numpy state as JSON-ready data: integers and arrays as hex, the rest as it is."""
    if isinstance(value, Mapping):
        return {str(key): _packed(item) for key, item in value.items()}
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "tobytes") and value.shape:
        # Little-endian whatever the machine: the record may be read on another one.
        little = value.astype(value.dtype.newbyteorder("<"))
        return {"array": little.dtype.str, "hex": little.tobytes().hex()}
    return {"int": hex(int(value))}


def _unpacked(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"int"}:
        return int(value["int"], 16)
    if set(value) == {"array", "hex"}:
        import numpy as np

        dtype = np.dtype(str(value["array"]))
        native = dtype.newbyteorder("=")
        return np.frombuffer(bytes.fromhex(value["hex"]), dtype=dtype).astype(native)
    return {key: _unpacked(item) for key, item in value.items() if key != "kind"}


def _restore_one(
    key: str, state: Mapping[str, Any], namespace: MutableMapping[str, Any] | None
) -> bool:
    kind = state["kind"]
    if key.startswith(VARIABLE):
        return namespace is not None and _restore_variable(key[len(VARIABLE) :], state, namespace)
    if kind == "random.Random":
        random.setstate(_random_tuple(state))
    elif kind == "numpy.random":
        import numpy as np

        np.random.set_state(_unpacked(state))  # noqa: NPY002 - the legacy generator is the one meant
    elif kind in ("torch", "torch.cuda"):
        _restore_torch(state)
    else:
        raise ValueError(f"its kind is {kind!r}")
    return True


def _restore_torch(state: Mapping[str, Any]) -> None:
    import torch

    if state["kind"] == "torch":
        torch.set_rng_state(_tensor(state))
    else:
        torch.cuda.set_rng_state(_tensor(state), int(state["device"]))


def _tensor(state: Mapping[str, Any]) -> Any:
    import torch

    return torch.frombuffer(bytearray.fromhex(state["state"]), dtype=torch.uint8)


def _restore_variable(
    name: str, state: Mapping[str, Any], namespace: MutableMapping[str, Any]
) -> bool:
    kind = state["kind"]
    if kind == "random.Random":
        generator = namespace.setdefault(name, random.Random())  # noqa: S311 - no secret is made
        generator.setstate(_random_tuple(state))
        return True
    if kind == "torch.Generator":
        import torch

        generator = namespace.setdefault(name, torch.Generator(state["device"]))
        generator.set_state(_tensor(state))
        return True
    return _restore_numpy_variable(name, state, namespace)


def _restore_numpy_variable(
    name: str, state: Mapping[str, Any], namespace: MutableMapping[str, Any]
) -> bool:
    from numpy import random as numpy_random

    plain = _unpacked(state)
    known = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
    if plain["bit_generator"] not in known:
        return False
    if name not in namespace:
        bits = getattr(numpy_random, plain["bit_generator"])()
        wrap = {
            "numpy.random.Generator": numpy_random.Generator,
            "numpy.random.RandomState": numpy_random.RandomState,
        }.get(state["kind"])
        namespace[name] = wrap(bits) if wrap is not None else bits
    generator = namespace[name]
    if isinstance(generator, numpy_random.RandomState):
        generator.set_state(plain)
    elif isinstance(generator, numpy_random.Generator):
        generator.bit_generator.state = plain
    else:
        generator.state = plain
    return True
