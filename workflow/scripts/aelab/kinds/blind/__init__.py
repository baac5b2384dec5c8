"""The kind `blind`: fully connected denoisers that are trained on noise of random amounts."""
