"""Effects: their contract, the chain that runs them, the registry that finds them."""
