"""The kind `conv_plane`: convolutional autoencoders with a code of two numbers."""
