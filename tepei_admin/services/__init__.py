"""The only room that writes: verbs over sets of records, each a command."""
