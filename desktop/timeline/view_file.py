"""How a project was looked at last: ``view.json``, beside the project and not in it."""

from pathlib import Path

from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.json_text import dumps, read

VIEW_FILE = "view.json"


def restore(view: ViewState, folder: Path) -> None:
    """Look at a project as its folder says; as before where it says nothing.

    Raises:
        ProjectError: If what it says is damaged.
    """
    path = folder / VIEW_FILE
    if not path.is_file():
        return
    try:
        view.restore(read(path))
    except (ValueError, ProjectError) as error:
        raise ProjectError(f"{path}: the view is damaged; the standard one is shown") from error


def keep(view: ViewState, folder: Path) -> None:
    """Write down how a project is looked at.

    Raises:
        ProjectError: If it cannot be written.
    """
    with replacing(folder / VIEW_FILE) as file:
        file.write(dumps(view.to_json()))
