"""`python -m fanfare.lab`."""

from fanfare.lab.server import main

if __name__ == "__main__":
    main()
