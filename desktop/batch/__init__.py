"""Batches in the window: many files, one chain, one export."""
