"""Files of arrays, tables and weights: checked when they are read, written in one step."""
