"""Read, fetch, split and corrupt images, and derive the seeds of everything that is drawn at random."""
