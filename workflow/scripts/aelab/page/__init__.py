"""Write the page of results: fill in its templates, and pack models, codes and images for its instruments."""
