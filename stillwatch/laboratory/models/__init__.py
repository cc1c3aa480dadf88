"""A decoder of the usual kind, what trains one, and what draws answers from one."""
