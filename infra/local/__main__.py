"""`python -m local`: the local stack from the command line."""

import sys

from local.cli import main

sys.exit(main())
