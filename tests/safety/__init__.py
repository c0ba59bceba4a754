"""What must hold under attack, load and faults (docs/safety.md).

Short forms run in `make test`; those marked `safety` take minutes and run in `make safety`.
"""
