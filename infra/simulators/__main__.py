"""`python -m simulators`: the same as the command `rs-sim`."""

from simulators.cli import main

main()
