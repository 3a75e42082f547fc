"""The engine of Tonewright: documents, effects, rendering, export. No Qt, no torch."""
