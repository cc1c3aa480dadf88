"""`python -m stillwatch`: the command, where its script is not on the path."""

from stillwatch.cli import main

main()
