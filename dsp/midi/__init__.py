"""MIDI: Standard MIDI Files in and out, and their sound through a SoundFont."""
