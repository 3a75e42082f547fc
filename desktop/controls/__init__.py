"""Controls that turn a number: knobs and faders."""
