"""What the editor shows of a plugin: a project with its chain, and its takes in their places.

Each plugin has a project of its own, in the user's data, for as long as its takes and chain are the
same: what was edited there is found again.
"""

import hashlib
from pathlib import Path

from tonewright.dsp.bridge.chains import NamedChain
from tonewright.dsp.bridge.takes import Takes, sources_of
from tonewright.dsp.project.document import (
    AudioClip,
    Channel,
    ClockTime,
    Project,
    TempoEvent,
    TempoMap,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.folder import PROJECT_FILE, save
from tonewright.dsp.project.media import import_media
from tonewright.dsp.rendering.store import Store

_NAME = "track of a plugin"


def opened(chain: NamedChain, takes: Takes, captures: Store, *, sample_rate: int) -> Path:
    """Return the folder of a plugin's project; it is made if it is not there.

    Args:
        chain: The plugin's.
        takes: The plugin's.
        captures: Where what was captured is kept; the project goes beside it.
        sample_rate: Of the project.

    Raises:
        TonewrightError: If it cannot be written.
    """
    sources = " ".join(f"{each.source} {each.start_frame}" for each in takes.takes)
    digest = hashlib.sha256(f"{sample_rate} {chain.text()} {sources}".encode()).hexdigest()
    folder = captures.folder.parent / "plugin projects" / digest[:16]
    if not (folder / PROJECT_FILE).is_file():
        save(_project(chain, takes, captures, sample_rate), folder, collect=False)
    return folder


def _project(chain: NamedChain, takes: Takes, captures: Store, sample_rate: int) -> Project:
    name = chain.name or _NAME
    media, clips = [], []
    placed = sorted(sources_of(takes, captures), key=lambda each: each[0].start_frame)
    for take, path in placed:
        medium = import_media(path)
        media.append(medium)
        clips.append(
            AudioClip(
                new_id(),
                f"take at {take.start_frame / take.sample_rate:.2f} s",
                ClockTime(take.start_frame / take.sample_rate),
                medium.id,
                0,
                medium.length_samples,
            )
        )
    track = Track(
        new_id(),
        name,
        TrackKind.AUDIO,
        channel=Channel(effects=tuple(each for each in chain.effects if each.enabled)),
        clips=tuple(clips),
    )
    bpm = next((each.bpm for each in reversed(takes.takes) if each.bpm > 0.0), 120.0)
    tempo_map = TempoMap((TempoEvent(0, bpm),))
    return Project(
        new_id(), name, sample_rate, tempo_map=tempo_map, tracks=(track,), media=tuple(media)
    )
