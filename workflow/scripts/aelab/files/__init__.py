"""What is on disk: arrays, tables and weights, read with care and written as a whole."""
