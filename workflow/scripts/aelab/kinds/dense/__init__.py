"""The kind `dense`: fully connected autoencoders."""
