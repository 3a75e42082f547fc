"""What goes into the zip while a project is written."""

from dataclasses import dataclass, field
from pathlib import Path

from tonewright.dsp.project.document import ParameterRef


@dataclass(slots=True)
class Container:
    """Files, and what is known of the document so far.

    Attributes:
        files: Their content by name.
        media: Where the media are that go into it, by name.
        parameters: The ids of elements that automation can move, by the name of their channel and
            the parameter.
        left: What was left out, for people.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, Path] = field(default_factory=dict)
    parameters: dict[tuple[str, ParameterRef], str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
