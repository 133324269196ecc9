"""Generator states put back, so that the same numbers come again."""

from __future__ import annotations

import builtins
import keyword
import operator
import os
import random
import struct
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

from runfolio.capture.generators import VARIABLE, as_json, generator_states
from runfolio.capture.held_generators import is_path, reached
from runfolio.errors import UsageError

__all__ = ["restore"]

_WORD_BYTES: Final = 4
_NO_NAMESPACE: Final = "no namespace was given to put it into (namespace=globals())"
_BITS: Final = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


class _CannotBePutBackError(Exception):
    """Says why; the others go on."""


def restore(
    states: Mapping[str, Mapping[str, Any]],
    namespace: MutableMapping[str, Any] | None = None,
) -> dict[str, str]:
    """Put generator states back, and return which could not be, and why.

    Parameters
    ----------
    states : mapping
        As `generators.as_json` returned them, or as they came back from JSON.
    namespace : mapping, optional
        Where the generators of ``variable:NAME`` lie; those that are missing are made there. Of
        ``variable:PATH`` what holds the generator has to be there.

    Returns
    -------
    dict of str to str
        Key → why: its package is not installed, its device is not there, the variable holds
        something else now …

    Raises
    ------
    UsageError
        A state is damaged, or of a kind that is not known.
    """
    missed: dict[str, str] = {}
    for key, state in states.items():
        try:
            _restore_one(key, state, namespace)
        except _CannotBePutBackError as error:
            missed[key] = str(error)
        except ImportError as error:
            missed[key] = f"{error.name or 'its package'} is not installed"
        except (RuntimeError, AttributeError) as error:
            missed[key] = f"{type(error).__name__}: {error}"
        except (KeyError, TypeError, ValueError, IndexError, OverflowError, struct.error) as error:
            raise UsageError(
                f"The state of the generator {key!r} cannot be read ({error}); expected one that "
                "runfolio wrote. Take it from an undamaged run directory."
            ) from error
    return missed


def _restore_one(
    key: str, state: Mapping[str, Any], namespace: MutableMapping[str, Any] | None
) -> None:
    kind = state["kind"]
    if key.startswith(VARIABLE):
        if namespace is None:
            raise _CannotBePutBackError(_NO_NAMESPACE)
        _restore_variable(key[len(VARIABLE) :], state, namespace)
    elif kind == "random.Random":
        random.setstate(_random_tuple(state))
    elif kind == "numpy.random":
        import numpy as np

        np.random.set_state(_numpy_state(state))  # noqa: NPY002 - the legacy generator is the one meant
    elif kind == "environment":
        _restore_environment(state)
    elif kind in _OF_TORCH:
        _OF_TORCH[kind](state)
    else:
        raise ValueError(f"its kind is {kind!r}")


def _random_tuple(state: Mapping[str, Any]) -> tuple[Any, ...]:
    key = bytes.fromhex(state["key"])
    words = struct.unpack(f">{len(key) // _WORD_BYTES}I", key)
    return state["version"], (*words, state["position"]), state["gauss"]


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


def _numpy_state(state: Mapping[str, Any]) -> Any:
    plain = _unpacked(state)
    # Numpy takes any position, and would read from there, whatever lies behind its memory.
    for place, most in ((plain["state"].get("pos", 0), 624), (plain.get("buffer_pos", 0), 4)):
        if not 0 <= place <= most:
            raise ValueError(f"its position is {place}, of at most {most}")
    return plain


def _restore_environment(state: Mapping[str, Any]) -> None:
    now = as_json(generator_states(only=("environment",))["environment"])
    workspace = state["CUBLAS_WORKSPACE_CONFIG"]
    if workspace != now["CUBLAS_WORKSPACE_CONFIG"]:
        if workspace is None:
            del os.environ["CUBLAS_WORKSPACE_CONFIG"]
        else:
            os.environ["CUBLAS_WORKSPACE_CONFIG"] = str(workspace)
    seed = state["PYTHONHASHSEED"]
    if seed in (None, "random"):
        raise _CannotBePutBackError("it was that of one process, started without PYTHONHASHSEED")
    if seed != now["PYTHONHASHSEED"]:
        raise _CannotBePutBackError(f"it needs a Python started with PYTHONHASHSEED={seed}")


def _restore_torch(state: Mapping[str, Any]) -> None:
    import torch

    torch.set_rng_state(_tensor(state))


def _restore_cuda(state: Mapping[str, Any]) -> None:
    import torch

    device, here = int(state["device"]), torch.cuda.device_count()
    if device >= here:  # without CUDA torch would keep the state for later, and say nothing
        raise _CannotBePutBackError(
            f"there are {here} CUDA devices here" if here else "no CUDA here"
        )
    torch.cuda.set_rng_state(_tensor(state), device)


def _restore_flags(state: Mapping[str, Any]) -> None:
    import torch

    torch.use_deterministic_algorithms(state["deterministic"], warn_only=state["warn_only"])
    # The older settings first, as most programs do: who has used the newer cannot read the older.
    precision = [name for name in state if name.endswith("fp32_precision")]
    older = [name for name in state if "." in name and name not in precision]
    for names in (older, precision):
        now = generator_states(only=("torch.flags",))["torch.flags"].value
        for name in names:
            if name in now and _effect(state[name]) != _effect(now[name]):
                parent, _, last = name.rpartition(".")
                setattr(operator.attrgetter(parent)(torch.backends), last, state[name])


def _effect(setting: Any) -> Any:
    return "ieee" if setting == "none" else setting


_OF_TORCH: Final[Mapping[str, Callable[[Mapping[str, Any]], None]]] = {
    "torch": _restore_torch,
    "torch.cuda": _restore_cuda,
    "torch.flags": _restore_flags,
}


def _tensor(state: Mapping[str, Any]) -> Any:
    import torch

    return torch.frombuffer(bytearray.fromhex(state["state"]), dtype=torch.uint8)


def _restore_variable(
    name: str, state: Mapping[str, Any], namespace: MutableMapping[str, Any]
) -> None:
    kind = state["kind"]
    is_name = name.isidentifier() and not keyword.iskeyword(name)
    if not (is_name or is_path(name)) or name.startswith("_"):
        raise ValueError(f"{name!r} is no name of a variable that is taken")
    if kind == "jax.key":
        _restore_key(name, state, namespace)
    elif kind == "random.Random":
        generator = random.Random()  # noqa: S311 - no secret is made
        generator.setstate(_random_tuple(state))
        _put(name, generator, namespace).setstate(generator.getstate())
    elif kind == "torch.Generator":
        import torch

        made = torch.Generator(state["device"])
        _put(name, made, namespace).set_state(_tensor(state))
    else:
        _restore_numpy_variable(name, state, namespace)


def _put(
    name: str, made: Any, namespace: MutableMapping[str, Any], *, kind: type | None = None
) -> Any:
    """Return the generator that the variable holds, the one that was made if it holds none."""
    if not name.isidentifier():
        return _lying_at(name, namespace, type(made))
    if name not in namespace and hasattr(builtins, name):
        raise _CannotBePutBackError("Python has something of its own under this name")
    held = namespace.setdefault(name, made)
    if not isinstance(held, kind or type(made)):
        raise _CannotBePutBackError(
            f"the variable holds something else now ({type(held).__name__})"
        )
    return held


def _lying_at(path: str, namespace: Mapping[str, Any], kind: type) -> Any:
    """Return the generator in a container or an object, which itself is not made anew."""
    try:
        held = reached(path, namespace)
    except LookupError:
        why = "there is none at that place now; execute first the cell that makes it"
        raise _CannotBePutBackError(why) from None
    if not isinstance(held, kind):
        raise _CannotBePutBackError(f"something else lies there now ({type(held).__name__})")
    return held


def _restore_numpy_variable(
    name: str, state: Mapping[str, Any], namespace: MutableMapping[str, Any]
) -> None:
    from numpy import random as numpy_random

    plain = _numpy_state(state)
    if plain["bit_generator"] not in _BITS:
        raise _CannotBePutBackError(f"numpy has no bit generator {plain['bit_generator']!r}")
    bits = getattr(numpy_random, plain["bit_generator"])()
    if state["kind"] == "numpy.random.Generator":
        _put(name, numpy_random.Generator(bits), namespace).bit_generator.state = plain
    elif state["kind"] == "numpy.random.RandomState":
        _put(name, numpy_random.RandomState(bits), namespace).set_state(plain)
    elif state["kind"] == "numpy.random.BitGenerator":
        _put(name, bits, namespace).state = plain
    else:
        raise ValueError(f"its kind is {state['kind']!r}")


def _restore_key(name: str, state: Mapping[str, Any], namespace: MutableMapping[str, Any]) -> None:
    import jax
    import numpy as np

    words = np.frombuffer(bytes.fromhex(state["words"]), dtype="<u4").reshape(state["shape"])
    data = jax.numpy.asarray(words.astype(np.uint32))
    key = data if state["impl"] is None else jax.random.wrap_key_data(data, impl=state["impl"])
    _put(name, key, namespace, kind=jax.Array)
    # A key is never changed, only bound anew.
    namespace[name] = key
