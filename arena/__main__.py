"""The door: `python -m arena`."""

from arena.door.app import main

if __name__ == "__main__":
    main()
