"""The door: `python -m arena`."""

import sys

try:
    from arena.door.app import main
except KeyboardInterrupt:  # while the libraries load
    print("interrupted before anything began", file=sys.stderr)
    sys.exit(130)

if __name__ == "__main__":
    main()
