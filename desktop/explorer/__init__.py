"""A change of instrument, explored: several switch positions at once, seen and heard."""
