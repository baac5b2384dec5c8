"""The kind `pca`: principal component analysis."""
