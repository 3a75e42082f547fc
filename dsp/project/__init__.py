"""The document: an immutable project, pure edits on it, and its folder on disk."""
