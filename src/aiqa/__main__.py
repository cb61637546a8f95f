"""``python -m aiqa`` is the command line."""

from aiqa.cli import main

main()
