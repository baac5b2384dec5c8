"""Draw figures, check claims and fill in captions."""
