"""Papers: data in, PDF bytes out. No database; who may print what is decided elsewhere."""
