"""Keys of watermarks, commitments to them, and what finds them in a text. The marking is done by the engine."""
