"""The kind `vae`: fully connected variational autoencoders."""
