"""Where relational stages run: one file per engine, each with the same few verbs."""
