"""Batches: many renders described in one file, done by worker processes, never lost."""
