"""Files for other people: stems, mixes, regions, MIDI, and a report that proves them."""
