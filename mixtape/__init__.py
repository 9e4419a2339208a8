"""Mixtape, the running example of the course: one HTTP contract and the backends that keep it."""
