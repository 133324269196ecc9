"""What a version of a data set keeps of its tables: schema, statistics, a few rows, no secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import RunfolioError
from runfolio.model.data_profile import KEY, DataProfile
from runfolio.record.redaction import redactor

if TYPE_CHECKING:
    from runfolio.record.redaction import Redaction

__all__ = ["cleaned", "with_profile", "without_profile"]

_SECONDS: Final = 10.0
_PLACE: Final = "the rows of a data version"


def with_profile(
    metadata: Mapping[str, Any],
    files: Mapping[str, Path],
    redaction: Redaction,
    *,
    seconds: float = _SECONDS,
) -> dict[str, Any]:
    """Return the metadata of a version of type ``dataset`` with what is known of its tables.

    Parameters
    ----------
    files : mapping of str to Path
        Name inside the artifact → where its content lies.
    redaction : Redaction
        Of the run that makes it.
    seconds : float
        What is not known by then is left out, and says so.
    """
    found = dict(metadata)
    if KEY in found and DataProfile.from_json(found[KEY]) is None:
        return found  # the user's own word
    found.pop(KEY, None)  # that of another version, which this one was made from
    try:
        from runfolio.capture.data_profile import profile_of

        profile = profile_of(files, seconds=seconds)
    except (ImportError, OSError, RunfolioError):
        return found  # a writer without DuckDB, no room for a moment: the version is what matters
    if profile.tables:
        clean = DataProfile(
            tuple(
                table.cleaned(lambda text, name: redaction.text(text, _PLACE, name=name))
                for table in profile.tables
            ),
            profile.more,
        )
        found[KEY] = clean.as_json()
    return found


def without_profile(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what somebody else than runfolio said of a version."""
    return {
        key: value
        for key, value in metadata.items()
        if key != KEY or DataProfile.from_json(value) is None
    }


def cleaned(profile: DataProfile) -> DataProfile:
    """Return a profile that is made to be looked at, without secrets."""
    return DataProfile(
        tuple(
            table.cleaned(lambda text, name: redactor().redact_text(text, name=name)[0])
            for table in profile.tables
        ),
        profile.more,
    )
