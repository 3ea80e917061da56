"""Published leaderboards: frozen with all they depend on, rebuilt to the same bytes, corrected by a later one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from benchmark.core.codebook import Level
from benchmark.core.problems import BadInput, Refused
from benchmark.data_package import write_package
from benchmark.exports import export
from benchmark.method import method_of
from benchmark.store.queries_editions import edition_numbered, editions_of
from benchmark.store.tables import Campaign, Edition


@dataclass(frozen=True)
class Verification:
    """Whether an edition comes out the same today; `differs` names the files that do not."""

    edition: Edition
    differs: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.differs


def publish(
    session: Session,
    campaign: Campaign,
    as_of: datetime,
    *,
    now: datetime,
    corrects: int | None = None,
    because: str = "",
) -> Edition:
    """Freezes the leaderboard as of a moment that is over.

    A second edition of one moment must name the one it corrects and say why. Raises BadInput for a moment to come or
    an edition that is not there, Refused where the edition named is corrected already or nothing has changed.
    """
    if as_of > now:
        raise BadInput("--as-of", f"{as_of.isoformat()} is still to come", "publish what is over")
    earlier = editions_of(session, campaign.id or 0)
    _check_correction(session, campaign, as_of, earlier, corrects, because)
    board, data_sha256 = _files(session, campaign, as_of)
    edition = Edition(
        campaign_id=campaign.id or 0,
        number=len(earlier) + 1,
        as_of=as_of,
        published_at=now,
        corrects=corrects,
        because=because.strip(),
        method=method_of(session, campaign, as_of),
        leaderboard=board,
        leaderboard_sha256=hashlib.sha256(board).hexdigest(),
        data_sha256=data_sha256,
    )
    session.add(edition)
    session.flush()
    return edition


def _check_correction(
    session: Session,
    campaign: Campaign,
    as_of: datetime,
    earlier: Sequence[Edition],
    corrects: int | None,
    because: str,
) -> None:
    replaced = {edition.corrects for edition in earlier}
    if corrects is None:
        for edition in earlier:
            if edition.as_of == as_of and edition.number not in replaced:
                remedy = f"name it with --corrects {edition.number} and say why with --because"
                raise BadInput("--as-of", f"edition {edition.number} is of this moment already", remedy)
        return
    old = find_edition(session, campaign, corrects)
    if not because.strip():
        raise BadInput("--because", "a correction must say what was wrong", "write one sentence")
    if corrects in replaced:
        raise Refused(f"edition {corrects} of {campaign.name} is corrected already; correct the later one")
    if old.as_of == as_of and verify(session, campaign, old).holds:
        raise Refused(f"edition {corrects} of {campaign.name} comes out the same; there is nothing to correct")


def find_edition(session: Session, campaign: Campaign, number: int) -> Edition:
    """Raises BadInput, naming the editions there are."""
    found = edition_numbered(session, campaign.id or 0, number)
    if found is None:
        known = ", ".join(str(edition.number) for edition in editions_of(session, campaign.id or 0))
        raise BadInput(f"edition {number}", f"{campaign.name} has none of this number", f"known: {known or 'none yet'}")
    return found


def verify(session: Session, campaign: Campaign, edition: Edition) -> Verification:
    """Rebuilds an edition from the record and compares it byte for byte with what was published."""
    board, data_sha256 = _files(session, campaign, edition.as_of)
    kept = hashlib.sha256(edition.leaderboard).hexdigest() == edition.leaderboard_sha256
    same = {
        "the frozen leaderboard itself": kept,
        "leaderboard.csv": board == edition.leaderboard,
        "probes.csv": data_sha256 == edition.data_sha256,
    }
    return Verification(edition, tuple(name for name, holds in same.items() if not holds))


def export_edition(session: Session, campaign: Campaign, edition: Edition, out: Path) -> None:
    """Writes the data package of an edition. Refused where the record has changed since: it would not agree."""
    found = verify(session, campaign, edition)
    if not found.holds:
        raise Refused(
            f"edition {edition.number} of {campaign.name}: {', '.join(found.differs)} changed since it was published; "
            f"publish a correction (--corrects {edition.number}), the leaderboard as published is --kind csv"
        )
    write_package(out, session, campaign, edition.as_of, edition)


def _files(session: Session, campaign: Campaign, as_of: datetime) -> tuple[bytes, str]:
    """The CSV of the leaderboard, and the SHA-256 of that of the probes."""
    board = b"".join(export(session, campaign, "csv", Level.LEADERBOARD, as_of))
    digest = hashlib.sha256()
    for piece in export(session, campaign, "csv", Level.PROBES, as_of):
        digest.update(piece)
    return board, digest.hexdigest()
