"""Views of the result document: JSON, an HTML page, the terminal, the tree of evidence. None recomputes."""
