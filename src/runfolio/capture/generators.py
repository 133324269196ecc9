"""The states of the random generators in use, taken fast enough for every cell."""

from __future__ import annotations

import contextlib
import itertools
import operator
import os
import random
import struct
import sys
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from runfolio.capture.objects import identity

__all__ = ["VARIABLE", "Array", "State", "as_json", "generator_states", "is_generator",
           "may_be_generator"]  # fmt: skip

VARIABLE: Final = "variable:"
"""Before the name of a variable that is a generator, or before the path to one that it holds."""

# A module that another thread is still importing, or a driver that is gone, shows as any of these.
UNREADABLE: Final = (
    ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, OSError, RuntimeError,
    TypeError, ValueError,
)  # fmt: skip
"""What reading a generator may raise where there is nothing to be read."""

_MAX_VARIABLES: Final = 1000
_MAX_READERS: Final = 2000
# So many bytes of JAX keys are kept of one variable: 500,000 keys of a batch are data.
_MAX_KEY_BYTES: Final = 1 << 16
# Changing it later has no effect: this is what the process was started with.
_HASH_SEED: Final = os.environ.get("PYTHONHASHSEED") or None


class State(NamedTuple):
    """The state of a generator, comparable and not yet written out.

    Attributes
    ----------
    kind : str
        What it is a state of: ``random.Random``, ``numpy.random``, ``torch`` …
    value : object
        Plain data: what the generator gave, arrays as `Array`.
    """

    kind: str
    value: Any


class Array(NamedTuple):
    """The content of an array: its type as numpy writes it, and its bytes."""

    dtype: str
    content: bytes


def generator_states(
    namespace: Mapping[str, Any] | None = None,
    only: Collection[str] | None = None,
    *,
    quick: bool = False,
    held: Iterable[tuple[str, Any]] = (),
) -> dict[str, State]:
    """Return the states of the random generators in use.

    Parameters
    ----------
    namespace : mapping, optional
        The user's variables; generators among them (``numpy.random.Generator``,
        ``RandomState``, ``random.Random``, ``torch.Generator``, keys of JAX) are taken too.
    only : collection of str, optional
        Only these, none of them a variable.
    quick : bool
        Take the global generators of Python and numpy for unchanged where their memory is. One
        change would be missed: a ``set_state`` of numpy's that brings back nothing but the other
        half of a pair of normal numbers, which lies elsewhere.
    held : iterable of (str, generator)
        Generators that lie in containers and objects, by their paths.

    Returns
    -------
    dict of str to State
        ``environment``, ``random``, ``numpy``, ``torch``, ``torch.flags``, ``torch.cuda:0`` … and
        ``variable:NAME`` or ``variable:PATH``. Packages that are not imported are not imported for it, and CUDA is not
        started.
    """
    found = {"random": _random_state(quick=quick), "environment": _environment()}
    found.update(_numpy_states(quick=quick))
    found.update(_torch_states())
    if only is not None:
        return {key: state for key, state in found.items() if key in only}
    for name, state in _variables(namespace or {}, held):
        found[VARIABLE + name] = state
    return found


def is_generator(kind: type) -> bool:
    """Return whether objects of a type are generators that can be put back where they lie."""
    # A key of JAX is bound anew, and tells another array from a key only when it is read.
    return may_be_generator(kind) and _readers[kind] is not _read_jax


def may_be_generator(kind: type) -> bool:
    """Return whether objects of a type are generators, or arrays that may be keys of JAX."""
    _forget_if_imported()
    if kind not in _readers:
        _readers[kind] = _reader_of(kind)
    return _readers[kind] is not None


def as_json(state: State) -> dict[str, Any]:
    """Return a state as JSON-ready data: bytes, and integers of numpy, as hexadecimal text."""
    kind, value = state
    if kind == "random.Random":
        version, internal, gauss = value
        words, position = internal[:-1], internal[-1]
        key = struct.pack(f">{len(words)}I", *words).hex()
        return {"kind": kind, "version": version, "key": key, "position": position, "gauss": gauss}
    if kind.startswith("numpy."):
        return {"kind": kind, **_packed(value)}
    return {"kind": kind} | {k: v.hex() if isinstance(v, bytes) else v for k, v in value.items()}


def _packed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _packed(item) for key, item in value.items()}
    if isinstance(value, Array):
        return {"array": value.dtype, "hex": value.content.hex()}
    if isinstance(value, (bool, str, float)) or value is None:
        return value
    return {"int": hex(value)}


def _environment() -> State:
    hash_seed = _HASH_SEED if sys.flags.hash_randomization else "0"
    return State(
        "environment",
        {
            "PYTHONHASHSEED": hash_seed,
            "CUBLAS_WORKSPACE_CONFIG": os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
        },
    )


# What Python's global generator was like at the last look: its memory, which half of a pair of
# normal numbers is in store, and its state. Asking for the state takes 20 µs, and as long again to
# compare it.
_random_seen: tuple[bytes, float | None, State] | None = None
_IN_RANDOM: Final = struct.Struct("i624I")


def _random_state(*, quick: bool) -> State:
    global _random_seen
    # Whose state is told; somebody may have put another function in its place.
    generator: Any = getattr(random.getstate, "__self__", None)
    memory, seen = _memory_of_random(generator), _random_seen
    can_tell = quick and memory is not None
    if can_tell and seen is not None and seen[:2] == (memory, generator.gauss_next):
        return seen[2]
    state = State("random.Random", random.getstate())
    version, words, gauss = state.value
    as_asked = memory is not None and version == 3 and _as_words(memory) == words
    _random_seen = (memory, gauss, state) if memory is not None and as_asked else None
    return state


def _as_words(memory: bytes) -> tuple[int, ...]:
    position, *words = _IN_RANDOM.unpack(memory)
    return (*words, position)


def _memory_of_random(generator: Any) -> bytes | None:
    """Return the position and the words of Python's generator; ``None`` for an unusual one."""
    end = random.Random.__mro__[1].__basicsize__
    if type(generator) is not random.Random or end < object.__basicsize__ + _IN_RANDOM.size:
        return None
    ctypes = sys.modules.get("ctypes")
    if ctypes is None:
        return None
    begin = ctypes.c_void_p.from_buffer(ctypes.py_object(generator)).value
    content: bytes = ctypes.string_at(begin + object.__basicsize__, _IN_RANDOM.size)
    return content


# What numpy's global generator was like at the last look: its memory, and its state. Asking numpy
# for the state takes 40 µs.
_numpy_seen: tuple[bytes, State] | None = None
_MEMORY_BYTES: Final = 625 * 4


def _numpy_states(*, quick: bool) -> Iterator[tuple[str, State]]:
    global _numpy_seen
    module = sys.modules.get("numpy.random")
    if module is None:
        return
    with contextlib.suppress(*UNREADABLE):
        memory = _memory_of(module)
        if quick and _numpy_seen is not None and memory == _numpy_seen[0]:
            yield "numpy", _numpy_seen[1]
            return
        state = State("numpy.random", _frozen(module.get_state(legacy=False)))
        # With half a pair in store, the next normal number leaves the memory as it is.
        _numpy_seen = None if memory is None or state.value["has_gauss"] else (memory, state)
        yield "numpy", state


def _memory_of(module: Any) -> bytes | None:
    """Return the words and the position of the global generator; ``None`` for an unusual one."""
    get_bit_generator = getattr(module, "get_bit_generator", None)  # since numpy 1.24
    bits: Any = get_bit_generator() if get_bit_generator is not None else None
    if type(bits) is not module.MT19937:
        return None
    import ctypes  # numpy has loaded it; without numpy it would be 3 ms of init

    return ctypes.string_at(bits.ctypes.state_address, _MEMORY_BYTES)


def _torch_states() -> Iterator[tuple[str, State]]:
    torch = sys.modules.get("torch")
    if torch is None:
        return
    with contextlib.suppress(*UNREADABLE):
        yield "torch", State("torch", {"state": _tensor_bytes(torch.get_rng_state())})
        yield "torch.flags", State("torch.flags", _torch_flags(torch))
        # Asking an idle CUDA would start it, and a process with CUDA started cannot fork.
        if not torch.cuda.is_initialized():
            return
        for device in range(torch.cuda.device_count()):
            state = _tensor_bytes(torch.cuda.get_rng_state(device))
            yield (
                f"torch.cuda:{device}",
                State("torch.cuda", {"device": device, "state": state}),
            )


# Settings below torch.backends that change what a computation gives; torch 2.9 brought the last.
_BACKENDS: Final = {
    name: operator.attrgetter(name)
    for name in (
        "cudnn.deterministic",
        "cudnn.benchmark",
        "cuda.matmul.allow_tf32",
        "cudnn.allow_tf32",
        "cuda.matmul.fp32_precision",
        "cudnn.conv.fp32_precision",
        "cudnn.rnn.fp32_precision",
        "mkldnn.matmul.fp32_precision",
    )
}


def _torch_flags(torch: Any) -> dict[str, Any]:
    flags = {
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
    }
    backends = torch.backends
    for name, setting in _BACKENDS.items():
        try:
            flags[name] = setting(backends)
        except (AttributeError, RuntimeError):
            # The older settings of precision refuse to tell where the newer were used.
            continue
    return flags


def _tensor_bytes(tensor: Any) -> bytes:
    content: bytes = tensor.cpu().numpy().tobytes()
    return content


_PLAIN: Final = frozenset({int, float, str, bool, type(None)})


def _frozen(value: Any) -> Any:
    """Return a state of numpy's as plain data that can be compared."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        return {str(key): _frozen(item) for key, item in value.items()}
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "tobytes") and value.shape:
        # Little-endian whatever the machine: the record may be read on another one.
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        return Array(little.dtype.str, little.tobytes())
    return int(value)


# The user's variables ----------------------------------------------------------------------------

_Reader = Callable[[Any], "State | None"]
# Type → how its objects are read, ``None`` for what is no generator. Most variables are none, and
# a look-up is five times faster than asking of each whether it is one.
_readers: dict[type, _Reader | None] = {}
_modules_seen: tuple[bool, ...] = ()


def _forget_if_imported() -> None:
    """Look at all types anew where a library came meanwhile."""
    global _modules_seen
    modules = ("numpy.random" in sys.modules, "torch" in sys.modules, "jax" in sys.modules)
    if modules != _modules_seen or len(_readers) > _MAX_READERS:
        _readers.clear()
        _modules_seen = modules


def _variables(
    namespace: Mapping[str, Any], held: Iterable[tuple[str, Any]]
) -> Iterator[tuple[str, State]]:
    """Yield the user's variables that hold generators, each generator under its first name."""
    # Copied at once: another thread may bind names meanwhile.
    items = list(dict(namespace).items())
    kinds = {kind for kind in set(map(type, dict(items).values())) if may_be_generator(kind)}
    seen: set[int] = set()
    own = [item for item in items if type(item[1]) in kinds]
    for name, value in itertools.chain(own, held):
        reader = _readers.get(type(value))
        if reader is None or name.startswith("_") or identity(value) in seen:
            continue
        seen.add(identity(value))
        with contextlib.suppress(*UNREADABLE):
            state = reader(value)
            if state is not None:
                yield name, state
        if len(seen) >= _MAX_VARIABLES:
            return


def _reader_of(kind: type) -> _Reader | None:
    for module, name, reader in (
        ("random", "Random", _read_random),
        ("numpy.random", "Generator", _read_generator),
        ("numpy.random", "RandomState", _read_random_state),
        ("numpy.random", "BitGenerator", _read_bits),
        ("torch", "Generator", _read_torch),
        ("jax", "Array", _read_jax),
    ):
        known: object = getattr(sys.modules.get(module), name, None)
        with contextlib.suppress(TypeError):
            if isinstance(known, type) and issubclass(kind, known):
                return reader
    return None


def _read_random(generator: Any) -> State:
    # SystemRandom has no state: it cannot be repeated, and says so by raising.
    return State("random.Random", generator.getstate())


def _read_generator(generator: Any) -> State:
    return State("numpy.random.Generator", _frozen(generator.bit_generator.state))


def _read_random_state(generator: Any) -> State:
    return State("numpy.random.RandomState", _frozen(generator.get_state(legacy=False)))


def _read_bits(generator: Any) -> State:
    return State("numpy.random.BitGenerator", _frozen(generator.state))


def _read_torch(generator: Any) -> State:
    state = _tensor_bytes(generator.get_state())
    return State("torch.Generator", {"device": str(generator.device), "state": state})


# A key never changes, and reading one means waiting for its device: each is read once.
_keys_read: dict[int, tuple[weakref.ref[Any], State]] = {}


def _read_jax(array: Any) -> State | None:
    """Return a key, new style or old; ``None`` for other arrays."""
    known = _keys_read.get(id(array))
    if known is not None and known[0]() is array:
        return known[1]
    jax = sys.modules["jax"]
    impl: str | None = None
    data = array
    if jax.dtypes.issubdtype(array.dtype, jax.dtypes.prng_key):
        impl, data = str(jax.random.key_impl(array)), jax.random.key_data(array)
    elif str(array.dtype) != "uint32" or array.shape not in ((2,), (4,)):
        return None
    if data.size * 4 > _MAX_KEY_BYTES:
        return None
    import numpy as np

    content = np.asarray(data).astype("<u4", copy=False).tobytes()
    value = {"impl": impl, "shape": list(data.shape), "words": content}
    if len(_keys_read) >= _MAX_VARIABLES:
        _keys_read.clear()
    _keys_read[id(array)] = (weakref.ref(array), State("jax.key", value))
    return _keys_read[id(array)][1]
