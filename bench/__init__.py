"""Every published figure, by command."""
