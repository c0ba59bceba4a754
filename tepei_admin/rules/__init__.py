"""The rules of the programme, pure: values in, findings and verdicts out. No database, web or clock.

A rule never reads today's date and never writes; what it needs is in frozen facts and a frozen policy,
so that a result can be explained, stored and computed again.
"""
