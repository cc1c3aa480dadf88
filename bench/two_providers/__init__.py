"""Two made providers who each see half of one network: what each finds alone, and together, and what each learned."""
