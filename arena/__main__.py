"""The door: `python -m arena`."""

import sys

try:
    from arena.door.app import main
except KeyboardInterrupt:  # while the libraries load
    sys.stderr.write("interrupted before anything began\n")
    sys.exit(130)

if __name__ == "__main__":
    main()
