"""The Qt program on the engine: imports the engine, never a network."""
