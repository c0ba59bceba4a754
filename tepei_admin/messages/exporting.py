"""Sentences: exporting."""

MESSAGES: dict[str, str] = {}
