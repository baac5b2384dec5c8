"""The images: where they come from, how they are divided and corrupted, and everything that is drawn at random."""
