"""What can go wrong in the world, each with one line that names the place and the remedy.

A bad *argument* is a ``ValueError``; a bad file, effect, project or disk is one of these. The
command line prints the message as it is and exits with 1.
"""


class TonewrightError(Exception):
    """The base of every error that a user can meet; its text is one line for that user.

    Line ends, which names of files and tracks may hold, become spaces.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))


class MediaError(TonewrightError):
    """An audio, MIDI or SoundFont file cannot be read, or holds what it must not hold."""


class ProjectError(TonewrightError):
    """A project cannot be read, is inconsistent, or an edit names what is not there."""


class SchemaTooNewError(ProjectError):
    """A project was written by a newer Tonewright than this one."""


class EffectError(TonewrightError):
    """An effect is unknown, cannot be built, or breaks what it declares."""


class RenderError(TonewrightError):
    """A render failed; what had been finished stays in the store."""


class ExportError(TonewrightError):
    """An export cannot be written as it was asked for."""


class BatchError(TonewrightError):
    """A batch cannot be read or run, or some of its jobs failed."""


class PlaybackError(TonewrightError):
    """A sound device is missing, refuses the format, or has gone."""


class BridgeError(TonewrightError):
    """The engine for plugins cannot serve, or a plugin says what it does not understand."""


class CancelledError(TonewrightError):
    """The user stopped the work."""
