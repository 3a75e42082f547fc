"""What every test shares: plugins that happen to be installed here are not seen."""

import os

os.environ["TONEWRIGHT_PLUGINS"] = os.devnull + ".json"
