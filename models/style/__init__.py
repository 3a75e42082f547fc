"""Style translation: the same song on the same chords, accompanied in another style."""
