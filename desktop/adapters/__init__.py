"""Between the engine's threads and Qt's event loop: playback, render jobs, sound devices."""
