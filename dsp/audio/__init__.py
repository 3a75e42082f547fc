"""Sound in files and arrays: reading, writing, resampling, loudness, peaks."""
