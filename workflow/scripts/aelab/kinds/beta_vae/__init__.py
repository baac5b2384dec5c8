"""The kind `beta_vae`: fully connected variational autoencoders whose divergence has a weight."""
