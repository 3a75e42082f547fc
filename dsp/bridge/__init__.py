"""The engine for plugins in other programs: chains on audio in shared memory, on this machine."""
