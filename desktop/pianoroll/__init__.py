"""The piano roll: the notes of one MIDI clip."""
