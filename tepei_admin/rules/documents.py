"""档案材料 (七（二）): which papers a file must have, and which are missing."""

from __future__ import annotations

from collections.abc import Mapping

from tepei_admin.choices import DocumentKind, Status

REQUIRED: dict[DocumentKind, int] = {
    DocumentKind.BASIC: 1,
    DocumentKind.APPLICATION: 2,
    DocumentKind.TRANSCRIPT: 1,
    DocumentKind.ASSESSMENT: 1,
    DocumentKind.HOST_OPINION: 1,
}
"""How many copies of each; 相关材料复印件 and 其他 are kept as they come."""

AT_THE_END = frozenset({DocumentKind.TRANSCRIPT, DocumentKind.ASSESSMENT, DocumentKind.HOST_OPINION})
"""What the year itself brings forth."""

KEPT_FOR = frozenset({Status.TRAINING, Status.COMPLETED, Status.CERTIFIED, Status.FAILED, Status.TERMINATED})
"""Whose file must be complete: 学员入学后应建立学员档案."""
ENDED = frozenset({Status.COMPLETED, Status.CERTIFIED, Status.FAILED, Status.TERMINATED, Status.DISQUALIFIED})
"""Whose file goes to the personnel archive."""


def missing(received: Mapping[str, int], *, status: Status | None = None) -> tuple[str, ...]:
    """The labels of what is not there. `received`: kind -> copies. In training the papers of the end are not due yet."""
    due = [kind for kind in REQUIRED if not (status is Status.TRAINING and kind in AT_THE_END)]
    return tuple(
        _label(kind, received.get(kind, 0)) for kind in due if received.get(kind, 0) < REQUIRED[kind]
    )


def _label(kind: DocumentKind, have: int) -> str:
    """学员申报表; 学员申报表（应有 2 份，收到 1 份）."""
    return f"{kind.label}（应有 {REQUIRED[kind]} 份，收到 {have} 份）" if have else kind.label
