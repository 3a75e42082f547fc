"""The grooves that training data is made in: names, families, and which are held out.

They belong to Musical MIDI Accompaniment (``mma``, GPL-2 or later), which turns a chart and a
groove into notes. It is a tool for making data; translating needs nothing of it. What is held out
is held out by library file, so that no variant of a held-out groove is ever trained on.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.midi.bars import SECTION_BARS
from tonewright.dsp.midi.chords import Chord
from tonewright.dsp.midi.sequence import MidiSequence
from tonewright.dsp.midi.smf import read_smf
from tonewright.models.style.charts import Chart

LIBRARY = Path("/usr/share/mma/lib")
FOLDERS = ("stdlib", "casio", "kara")
"""The folders of the library that the corpus is made of; others are for tests."""

HELD_OUT = frozenset(
    (
        "stdlib/60srock",
        "stdlib/ballad128",
        "stdlib/beguine",
        "stdlib/bluegrass",
        "stdlib/boneym",
        "stdlib/bubblerock",
        "stdlib/calypso",
        "stdlib/charleston",
        "stdlib/countryblues",
        "stdlib/cubanguitar",
        "stdlib/dsoul",
        "stdlib/easyswing",
        "stdlib/fastwaltz",
        "stdlib/folkrock",
        "stdlib/foxtrot",
        "stdlib/guitarballad",
        "stdlib/jazzguitar",
        "stdlib/jazzrhumba",
        "stdlib/jive",
        "stdlib/latinwaltz",
        "stdlib/lighttango",
        "stdlib/mellowjazz",
        "stdlib/modernjazz",
        "stdlib/popspiritual",
        "stdlib/quickstep",
        "stdlib/rock-128",
        "stdlib/slowbolero",
        "stdlib/slowcountry",
        "stdlib/showtune",
        "stdlib/strut",
        "stdlib/twist",
        "stdlib/zydeco",
        "casio/funk2",
        "casio/latinhouse",
        "casio/80spop",
        "casio/rock2",
    )
)
"""Library files of styles that only an example can name."""

_FAMILIES = (
    ("waltz", "waltz|jazzwaltz"),
    ("bossa", "bossa"),
    ("samba", "samba"),
    ("son", r"/son\b|cuban"),
    ("salsa", "salsa|mambo|chacha|merengue|afro"),
    ("tango", "tango"),
    ("latin", "latin|rhumba|beguine|bolero|calypso|lfusion"),
    ("blues", "blues|boggie|boogie"),
    ("ballad", "ballad|lullaby|serenade|arpeggio"),
    ("country", "country|western|bluegrass"),
    ("folk", "folk|zydeco|hill|hymn|spiritual"),
    ("funk", "funk|soul|r[&+]?b|strut|hip"),
    ("disco", "disco|dance|house|techno|trance|rave|electro|boneym|digital"),
    ("ska", "ska"),
    ("march", "march|polka"),
    ("rock", "rock|metal|twist|8beat|16beat|shuffle"),
    ("pop", "pop|ambient"),
    ("swing", "swing|jazz|bigband|bebop|foxtrot|quickstep|charleston|dixie|evans|rag|jive"),
)


@dataclass(frozen=True, slots=True)
class Groove:
    """One groove of the library.

    Attributes:
        file: Of the library, without its ending: ``stdlib/bossanova``.
        name: As the library calls it.
        beats: Quarter notes a bar.
        fill: The groove for the last bar of a section, or empty.
    """

    file: str
    name: str
    beats: int
    fill: str = ""

    @property
    def key(self) -> str:
        """What tells it from every other; names occur twice."""
        return f"{self.file}:{self.name}"

    @property
    def held_out(self) -> bool:
        """Whether it is kept from training."""
        return self.file in HELD_OUT

    @property
    def family(self) -> str:
        """The family it belongs to."""
        for family, words in _FAMILIES:
            if re.search(words, f"/{self.file}", re.IGNORECASE):
                return family
        return "show"


def grooves(
    library: Path = LIBRARY, each: int = 5, folders: Sequence[str] = FOLDERS
) -> tuple[Groove, ...]:
    """Return up to some grooves of each library file that is in three or four quarters.

    Raises:
        TonewrightError: If the library is not there.
    """
    if not library.is_dir():
        raise TonewrightError(f"{library}: the groove library is missing; install mma")
    paths = [path for part in folders for path in library.glob(f"{part}/*.mma")]
    found: list[Groove] = []
    for path in sorted(paths):
        found += list(_grooves_of(path, library))[:each]
    return tuple(found)


def _grooves_of(path: Path, library: Path) -> Iterator[Groove]:
    text = path.read_text("latin-1")
    times = {int(beats) for beats in re.findall(r"(?mi)^\s*time\s+(\d+)", text)}
    signatures = set(re.findall(r"(?mi)^\s*timesig\s+(\d+)[\s/]+(\d+)", text))
    if not times <= {3, 4} or len(times) != 1 or not signatures <= {("3", "4"), ("4", "4")}:
        return
    (beats,) = times
    file = str(path.relative_to(library).with_suffix(""))
    names = re.findall(r"(?mi)^\s*defgroove\s+(\S+)", text)
    known = {name.lower(): name for name in names}
    for name in known.values():
        if re.search("intro|end$|end\\d|fill|metronome|none", name, re.IGNORECASE):
            continue
        fill = known.get(f"{name}fill".lower(), known.get(f"{names[0]}fill".lower(), ""))
        yield Groove(file, name, beats, fill)


def render(chart: Chart, groove: Groove, folder: Path, seed: int) -> MidiSequence:
    """Return a chart played in a groove; the last bar of each section is a fill.

    Raises:
        TonewrightError: If ``mma`` is missing or fails.
    """
    source, target = folder / "chart.mma", folder / "chart.mid"
    source.write_text(script(chart, groove, seed))
    target.unlink(missing_ok=True)
    try:
        ran = subprocess.run(
            ["mma", str(source), "-f", str(target)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise TonewrightError("mma is not installed; it makes the training data") from error
    if ran.returncode or not target.exists():
        raise TonewrightError(f"{groove.name}: mma failed: {ran.stdout[-300:]}{ran.stderr[-300:]}")
    return read_smf(target)


def script(chart: Chart, groove: Groove, seed: int) -> str:
    """Return what mma is told: the chart, and the groove of each bar."""
    lines = [f"RndSeed {seed}", f"Tempo {chart.tempo_bpm}", f"TimeSig {chart.beats} 4"]
    for bar in range(chart.bars):
        place = bar % SECTION_BARS
        if place == 0:
            lines.append(f"Groove {groove.file}:{groove.name}")
        elif place == SECTION_BARS - 1 and groove.fill:
            lines.append(f"Groove {groove.file}:{groove.fill}")
        lines.append(f"{bar + 1} {' '.join(_beats(chart.bar(bar)))}")
    return "\n".join(lines) + "\n"


def _beats(bar: Sequence[Chord]) -> Iterator[str]:
    for chord, beats in groupby(bar):
        yield chord.name
        yield from ("/" for _ in list(beats)[1:])
