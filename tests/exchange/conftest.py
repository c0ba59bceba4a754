"""What is in a file is tested without a process for each; that process has tests of its own."""

from __future__ import annotations

import pytest

from tepei_admin.exchange import filetypes, reader


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "sheets", filetypes.sheets)
