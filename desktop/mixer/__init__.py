"""The mixer: a strip for every channel."""
