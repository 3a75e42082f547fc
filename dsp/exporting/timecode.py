"""SMPTE timecode as exact time: ``HH:MM:SS:FF``, or ``HH:MM:SS;FF`` for drop frame.

Timecode counts frames in whole seconds of the *nominal* rate (30 for 30000/1001), so a second of
timecode at a fractional rate lasts a little longer than a second. Drop frame, which exists for
29.97 and 59.94, skips the first 2 (or 4) numbers of every minute but each tenth, and so keeps to
the clock within a frame or two. Times are fractions: nothing is rounded before it becomes samples.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from tonewright.dsp.errors import ExportError

_TIMECODE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;])(\d{2,3})")


@dataclass(frozen=True, slots=True)
class FrameRate:
    """How frames are counted.

    Attributes:
        frames_per_second: Exact: 25, 30000/1001.
        drop_frame: Whether numbers are skipped; only for 29.97 and 59.94.
    """

    frames_per_second: Fraction
    drop_frame: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.frames_per_second <= 240:
            raise ExportError(f"frame rate {self.frames_per_second} is not between 1 and 240")
        if self.drop_frame and self.frames_per_second not in _DROP_FRAME_RATES:
            raise ExportError(
                f"there is no drop frame at {float(self.frames_per_second):g} frames a second, "
                "only at 30000/1001 and 60000/1001: write the timecode with ':' before the frames"
            )

    @property
    def nominal(self) -> int:
        """Frames in a second of timecode."""
        return math.ceil(self.frames_per_second)

    @property
    def _dropped(self) -> int:
        return self.nominal // 15 if self.drop_frame else 0

    def frame(self, timecode: str) -> int:
        """Return the frame, from midnight, that a timecode names.

        Raises:
            ExportError: If it is no timecode, or names a frame that does not exist.
        """
        match = _TIMECODE.fullmatch(timecode)
        if match is None:
            raise ExportError(f"{timecode!r} is no timecode: write it as 01:00:00:00")
        hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
        skipped = seconds == 0 and minutes % 10 and frames < self._dropped
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= self.nominal or skipped:
            raise ExportError(
                f"timecode {timecode} does not exist at {float(self.frames_per_second):g} "
                "frames a second: correct it, or the project's frame rate"
            )
        passed = 60 * hours + minutes
        counted = (60 * passed + seconds) * self.nominal + frames
        return counted - self._dropped * (passed - passed // 10)

    def timecode(self, frame: int) -> str:
        """Return the timecode of a frame; it starts again at midnight."""
        per_minute = 60 * self.nominal - self._dropped
        per_ten_minutes = 10 * per_minute + self._dropped
        tens, rest = divmod(frame % (144 * per_ten_minutes), per_ten_minutes)
        minute = max(0, rest - self._dropped) // per_minute  # the first of ten drops nothing
        counted = frame % (144 * per_ten_minutes) + self._dropped * (9 * tens + minute)
        seconds, frames = divmod(counted, self.nominal)
        sign = ";" if self.drop_frame else ":"
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{clock}{sign}{frames:02}"


_DROP_FRAME_RATES = (Fraction(30_000, 1001), Fraction(60_000, 1001))


@dataclass(frozen=True, slots=True)
class StartTime:
    """When a project starts on the clock of a picture.

    Attributes:
        rate: How its frames are counted.
        seconds: Real seconds since midnight, exact.
    """

    rate: FrameRate
    seconds: Fraction

    def after_samples(self, samples: int, sample_rate: int) -> "StartTime":
        """Return the start of what begins that much later."""
        return StartTime(self.rate, self.seconds + Fraction(samples, sample_rate))

    @property
    def timecode(self) -> str:
        """The timecode of the frame that is on the screen then."""
        return self.rate.timecode(math.floor(self.seconds * self.rate.frames_per_second))

    def samples(self, sample_rate: int) -> int:
        """Return the nearest sample since midnight; halves go up."""
        return math.floor(self.seconds * sample_rate + Fraction(1, 2))


def start_time(timecode: str, frame_rate: str) -> StartTime:
    """Return the start that a project states.

    Args:
        timecode: ``HH:MM:SS:FF``; ``;`` before the frames means drop frame.
        frame_rate: Frames a second as a number or a fraction: ``"25"``, ``"30000/1001"``.

    Raises:
        ExportError: If one of them makes no sense, naming it.
    """
    try:
        frames_per_second = Fraction(frame_rate)
    except (ValueError, ZeroDivisionError) as error:
        raise ExportError(
            f"{frame_rate!r} is no frame rate: write it as 25 or 30000/1001"
        ) from error
    rate = FrameRate(frames_per_second, drop_frame=";" in timecode)
    return StartTime(rate, rate.frame(timecode) / frames_per_second)
