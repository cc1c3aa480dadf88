"""What is done to an answer without falsifying it, and what proves later where a text came from."""
