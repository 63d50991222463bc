"""`python -m generator` is the command `gen-connector`."""

from generator.cli import main

main()
