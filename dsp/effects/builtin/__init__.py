"""The effects that ship with the engine."""
