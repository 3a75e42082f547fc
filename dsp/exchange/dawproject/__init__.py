"""DAWproject 1.0, out and in: a zip with ``project.xml``, ``metadata.xml``, media and plugin state.

Positions in ticks are written in beats (quarter notes), positions on the clock in seconds, so each
clip keeps what it follows. A VST3 plugin is a ``Vst3Plugin`` with its class and a ``.vstpreset``,
which other programs load. An effect of Tonewright is a ``Device`` that they do not know: beside the
track there is one that plays it rendered, and the track itself is not loaded there. Beside each
device is a JSON file from which Tonewright makes it again. What cannot be said is left out and
listed.
"""
