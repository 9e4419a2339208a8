"""Level core: tracks can be created, listed, read, changed and deleted."""
