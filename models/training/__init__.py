"""What every training shares: dry recordings, rooms, and mixtures of both."""
