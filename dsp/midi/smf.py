"""Standard MIDI Files, formats 0 and 1, read and written without loss.

Reading and writing keeps every note and every message to the tick and to the byte, whether this
code knows the message or not; ``tonewright.dsp.midi.sequence`` states the order at one tick. What
changes, because a file cannot hold it or a sequence need not:

* Tempi and time signatures leave their track for the tempo map and are written to the first
  track; of several at one tick the last is valid. A tempo is a whole number of microseconds a
  quarter note, so the slowest is 3.58 bpm. A time signature is written with the usual 24 clocks
  a click and 8 thirty-seconds a quarter.
* A tempo ramp is written as steps, see ``tonewright.dsp.midi.tempo_steps``;
  it is read back as those steps.
* The first name at the start of a track is the track's; names are read as UTF-8, or Latin-1 if
  they are not, and written as UTF-8. Other texts stay bytes.
* Notes that overlap on one key are paired first in, first out. A note that never ends ends with
  its track; a note-off without a note is dropped. Running status is read, not written.

Every chunk and every length is checked, so a damaged file is a ``MediaError`` that names the place.

The bytes are read here and not by mido, which drops the time of metas that it does not know, makes
one kind of SysEx of both, and refuses some key signatures and SMPTE offsets (1.3.3);
``tonewright.dsp.midi.mido_files`` goes to mido's objects and back.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tonewright.dsp.errors import ExportError, MediaError
from tonewright.dsp.midi.sequence import (
    CHANNEL_DATA_BYTES,
    END_OF_TRACK,
    ESCAPE,
    META,
    NOTE_OFF,
    NOTE_ON,
    SYSEX,
    TEMPO,
    TIME_SIGNATURE,
    TRACK_NAME,
    MidiSequence,
    MidiTrack,
    merged,
    messages,
)
from tonewright.dsp.midi.tempo_steps import MICROSECONDS_PER_MINUTE, tempo_steps
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import (
    MidiEvent,
    Note,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
)

_MAX_NUMBER = 0x0FFFFFFF  # four bytes of seven bits: the longest delta or length of a file
_DEFAULT_RELEASE_VELOCITY = 64  # what a note-on of velocity 0 stands for


# --- reading --------------------------------------------------------------------------------


def read_smf(path: Path) -> MidiSequence:
    """Return what a Standard MIDI File holds.

    Raises:
        MediaError: If it is missing, no MIDI file, damaged, of format 2, or counts in SMPTE frames.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            if magic != b"MThd":
                raise MediaError(f"{path}: not a MIDI file; it must begin with MThd")
            data = magic + file.read()
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    return _Reader(str(path), data).sequence()


@dataclass
class _Reader:
    """One pass over the bytes of a file; what belongs to all tracks gathers here."""

    name: str
    data: bytes
    position: int = 0
    end: int = 0
    tempos: dict[int, TempoEvent] = field(default_factory=dict)
    signatures: dict[int, TimeSignatureEvent] = field(default_factory=dict)
    last_of_map_ticks: int = 0
    warnings: list[str] = field(default_factory=list)

    def sequence(self) -> MidiSequence:
        chunks = list(self.chunks())
        ticks_per_quarter, track_count = self.header(chunks[0][1] if chunks else range(0))
        tracks: list[MidiTrack] = []
        for kind, chunk in chunks:
            if kind == b"MTrk":
                tracks.append(self.track(chunk, len(tracks) + 1))
        if not tracks:
            raise self.damage(len(self.data), "there is no track")
        if len(tracks) != track_count:
            self.warnings.append(f"the header counts {track_count} tracks, there are {len(tracks)}")
        length_ticks = max(tracks[0].length_ticks, self.last_of_map_ticks)
        tracks[0] = replace(tracks[0], length_ticks=length_ticks)
        return MidiSequence(
            ticks_per_quarter, self.tempo_map(), tuple(tracks), tuple(self.warnings)
        )

    def chunks(self) -> Iterator[tuple[bytes, range]]:
        """Yield the kind of each chunk and where its content is."""
        start = 0
        while start < len(self.data):
            content = start + 8
            if content > len(self.data):
                self.warnings.append(f"{len(self.data) - start} stray bytes at the end")
                return
            length = int.from_bytes(self.data[start + 4 : content])
            start = content + length
            if start > len(self.data):
                missing = start - len(self.data)
                raise self.damage(content, f"{missing} bytes of this chunk are missing")
            yield self.data[content - 8 : content - 4], range(content, start)

    def header(self, chunk: range) -> tuple[int, int]:
        """Return the ticks of a quarter note and the number of tracks."""
        if len(chunk) < 6:
            raise self.damage(chunk.start, "the header is too short")
        file_format, track_count, division = (
            int.from_bytes(self.data[at : at + 2]) for at in chunk[:6:2]
        )
        if file_format == 2:
            raise MediaError(
                f"{self.name}: format 2 (independent patterns); export it again as format 0 or 1"
            )
        if file_format > 2:
            raise self.damage(chunk.start, f"there is no format {file_format}")
        if division & 0x8000:
            raise MediaError(
                f"{self.name}: counts in SMPTE frames, not in beats; "
                "export it again with ticks per quarter note"
            )
        if division == 0:
            raise self.damage(chunk.start + 4, "0 ticks per quarter note")
        return division, track_count

    def track(self, chunk: range, number: int) -> MidiTrack:
        """Return a track; its tempi and signatures go to the reader."""
        name = ""
        events: list[MidiEvent] = []
        notes = _NotePairs()
        ticks = 0
        for ticks, data in self.messages(chunk):
            kind = data[0] & 0xF0
            if data[0] == META and self.takes(ticks, data):
                continue
            if data[:2] == bytes((META, TRACK_NAME)) and ticks == 0 and data[2:] and not name:
                name = text_of(data[2:])
            elif kind == NOTE_ON and data[2]:
                notes.begin(ticks, data)
            elif kind in (NOTE_ON, NOTE_OFF):
                notes.end(ticks, data)
            elif data[:2] != bytes((META, END_OF_TRACK)):
                events.append(MidiEvent(ticks, data))
        held = notes.end_all(ticks)
        if held:
            self.warnings.append(f"track {number}: {held} notes never end; they end with the track")
        if notes.strays:
            self.warnings.append(f"track {number}: {notes.strays} note-offs without a note dropped")
        return MidiTrack(name, tuple(notes.finished), tuple(events), ticks)

    def messages(self, chunk: range) -> Iterator[tuple[int, bytes]]:
        """Yield (tick, message) up to and with the end of the track, metas without their length."""
        self.position, self.end = chunk.start, chunk.stop
        ticks, running = 0, 0
        while self.position < self.end:
            ticks += self.number()
            at = self.position
            status = self.take(1)[0]
            if status < 0x80:
                if not running:
                    raise self.damage(at, "data without a status byte")
                self.position, status = at, running
            if status in (SYSEX, ESCAPE):
                yield ticks, bytes((status,)) + self.take(self.number())
            elif status == META:
                kind = self.take(1)
                yield ticks, bytes((META,)) + kind + self.take(self.number())
                if kind[0] == END_OF_TRACK:
                    break
            elif status < SYSEX:
                running = status
                data = self.take(CHANNEL_DATA_BYTES[status & 0xF0])
                if max(data) > 0x7F:
                    raise self.damage(at, f"no MIDI data: {data.hex(' ')}")
                yield ticks, bytes((status,)) + data
            else:
                raise self.damage(at, f"status {status:02x} cannot stand in a file")
        else:
            self.warnings.append(f"a track has no end at byte {self.end}")
        if self.position < self.end:
            self.warnings.append(f"{self.end - self.position} bytes behind the end of a track")

    def number(self) -> int:
        """Return a number of seven bits a byte."""
        start, value = self.position, 0
        while True:
            byte = self.take(1)[0]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
            if value > _MAX_NUMBER >> 7:
                raise self.damage(start, "a number of more than four bytes")

    def take(self, length: int) -> bytes:
        """Return the next bytes of the chunk."""
        start, self.position = self.position, self.position + length
        if self.position > self.end:
            raise self.damage(start, "the track ends inside a message")
        return self.data[start : self.position]

    def takes(self, ticks: int, data: bytes) -> bool:
        """Put a tempo or a time signature into the map; False if it is none, or makes no sense."""
        kind, payload = data[1], data[2:]
        if kind == TEMPO and len(payload) == 3 and any(payload):
            bpm = MICROSECONDS_PER_MINUTE / int.from_bytes(payload)
            if bpm > 6000.0:
                self.warnings.append(f"tempo of {bpm:.0f} bpm at tick {ticks} lowered to 6000")
            self.tempos[ticks] = TempoEvent(ticks, min(bpm, 6000.0))
        elif kind == TIME_SIGNATURE and len(payload) == 4 and payload[0] and payload[1] <= 11:
            if payload[3] != 8:
                self.warnings.append(
                    f"time signature at tick {ticks}: {payload[3]} thirty-seconds a quarter read "
                    "as 8"
                )
            self.signatures[ticks] = TimeSignatureEvent(ticks, payload[0], 2 ** payload[1])
        else:
            if kind in (TEMPO, TIME_SIGNATURE):
                self.warnings.append(
                    f"tempo or time signature at tick {ticks} makes no sense: {data.hex(' ')}; "
                    "kept, not followed"
                )
            return False
        self.last_of_map_ticks = max(self.last_of_map_ticks, ticks)
        return True

    def tempo_map(self) -> TempoMap:
        default = TempoMap()
        return TempoMap(
            tuple(each for _, each in sorted(({0: default.tempos[0]} | self.tempos).items())),
            tuple(
                each
                for _, each in sorted(({0: default.time_signatures[0]} | self.signatures).items())
            ),
        )

    def damage(self, position: int, what: str) -> MediaError:
        return MediaError(
            f"{self.name}: damaged at byte {position}: {what}; copy or export it again"
        )


class _NotePairs:
    """Notes from their messages: of one key, the first to begin is the first to end."""

    def __init__(self) -> None:
        self.finished: list[Note] = []
        self.strays = 0
        self._held: defaultdict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)

    def begin(self, ticks: int, data: bytes) -> None:
        self._held[data[0] & 0x0F, data[1]].append((ticks, data[2]))

    def end(self, ticks: int, data: bytes) -> None:
        held = self._held[data[0] & 0x0F, data[1]]
        if not held:
            self.strays += 1
            return
        start_ticks, velocity = held.popleft()
        release_velocity = data[2] if data[0] < NOTE_ON else _DEFAULT_RELEASE_VELOCITY
        self.finished.append(
            Note(
                data[1], velocity, start_ticks, ticks - start_ticks, data[0] & 0x0F,
                release_velocity,
            )
        )  # fmt: skip

    def end_all(self, ticks: int) -> int:
        """End what is still held; return how many notes that were."""
        keys = [key for key, held in self._held.items() for _ in held]
        for channel, pitch in keys:
            self.end(ticks, bytes((NOTE_OFF | channel, pitch, _DEFAULT_RELEASE_VELOCITY)))
        return len(keys)


def text_of(payload: bytes) -> str:
    """Return a text of a file: UTF-8, or Latin-1 (any bytes are) if it is not that."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("latin-1")


# --- writing --------------------------------------------------------------------------------


def write_smf(sequence: MidiSequence, path: Path, *, format: int = 1) -> None:
    """Write a Standard MIDI File, whole or not at all.

    Args:
        sequence: What to write.
        path: The file; its folder must exist.
        format: 1, or 0 to merge all tracks into one, which keeps the first one's name.

    Raises:
        ExportError: If the file cannot be written, or MIDI cannot hold the tempo or a pause.
    """
    if format not in (0, 1):
        raise ValueError(f"format must be 0 or 1, not {format}")
    tracks = sequence.tracks or (MidiTrack(),)
    if format == 0:
        tracks = (merged(tracks, tracks[0].name),)
    chunks = [
        _track_bytes(track, sequence if index == 0 else None, path)
        for index, track in enumerate(tracks)
    ]
    header = b"".join(
        number.to_bytes(2) for number in (format, len(chunks), sequence.ticks_per_quarter)
    )
    data = _chunk(b"MThd", header) + b"".join(_chunk(b"MTrk", chunk) for chunk in chunks)
    with replacing(path, refused=ExportError) as file:
        file.write(data)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4) + content


def _track_bytes(track: MidiTrack, tempo_source: MidiSequence | None, path: Path) -> bytes:
    timed = (
        [(0, bytes((META, TRACK_NAME)) + track.name.encode(errors="replace"))] if track.name else []
    )
    if tempo_source is not None:
        timed += _tempo_messages(tempo_source, path)
    # The sort is stable: at one tick name and tempo stay before what the track plays.
    timed = sorted(timed + messages(track), key=lambda message: message[0])
    length_ticks = max([track.length_ticks, *(ticks for ticks, _ in timed[-1:])])
    timed.append((length_ticks, bytes((META, END_OF_TRACK))))
    result = bytearray()
    before_ticks = 0
    for ticks, data in timed:
        if ticks - before_ticks > _MAX_NUMBER:
            raise ExportError(
                f"{path}: {ticks - before_ticks} ticks without a message at tick {before_ticks}, "
                f"a MIDI file can hold {_MAX_NUMBER}; move the track's content together"
            )
        result += _number_bytes(ticks - before_ticks)
        before_ticks = ticks
        plain = {META: 2, SYSEX: 1, ESCAPE: 1}.get(data[0], 0)
        result += data[:plain] + _number_bytes(len(data) - plain) + data[plain:] if plain else data
    return bytes(result)


def _number_bytes(value: int) -> bytes:
    """Return a number >= 0 in seven bits a byte, all but the last with the high bit set."""
    result = [value & 0x7F]
    while value := value >> 7:
        result.append(value & 0x7F | 0x80)
    return bytes(reversed(result))


def _tempo_messages(sequence: MidiSequence, path: Path) -> list[tuple[int, bytes]]:
    """Return the tempo map as (tick, meta event), in order, the signature first at one tick."""
    timed = []
    for each in sequence.tempo_map.time_signatures:
        if each.numerator > 0xFF:
            raise ExportError(
                f"{path}: a time signature of {each.numerator}/{each.denominator} at tick "
                f"{each.start_ticks}; a MIDI file can hold 255 beats a bar"
            )
        exponent = each.denominator.bit_length() - 1
        signature = bytes((META, TIME_SIGNATURE, each.numerator, exponent, 24, 8))
        timed.append((each.start_ticks, signature))
    for ticks, microseconds in tempo_steps(sequence.tempo_map, sequence.ticks_per_quarter):
        if microseconds > 0xFFFFFF:
            raise ExportError(
                f"{path}: a tempo of {MICROSECONDS_PER_MINUTE / microseconds:.2f} bpm at tick "
                f"{ticks}; a MIDI file can hold 3.58 bpm and more"
            )
        timed.append((ticks, bytes((META, TEMPO)) + microseconds.to_bytes(3)))
    return sorted(timed, key=lambda message: message[0])
