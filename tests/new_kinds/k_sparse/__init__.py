"""The k-sparse autoencoder (Makhzani and Frey 2014)."""
