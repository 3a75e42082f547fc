"""Names for people, made of identifiers: ``"gsm_full_rate_compressor"`` is one."""

_UPPER = frozenset(
    ("drr", "eq", "gsm", "lfo", "lufs", "midi", "mp3", "q", "rms", "rt60", "vbr", "vst3", "wpe")
)


def named(identifier: str) -> str:
    """Return an identifier as words: ``"GSM full rate compressor"``."""
    first, *rest = (
        word.upper() if word.lower() in _UPPER else word for word in identifier.split("_")
    )
    return " ".join([first[:1].upper() + first[1:], *rest])
