"""TAXII 2.1 servers of others and ours, asked the same questions."""
