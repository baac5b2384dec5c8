"""The kind `stack`: models assembled from dense models trained layer by layer."""
