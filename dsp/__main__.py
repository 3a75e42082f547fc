"""``python -m tonewright.dsp`` is the command line."""

import sys

from tonewright.dsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
