"""``python -m interfaces.cli``: the command without its script."""

from interfaces.cli.main import run

if __name__ == "__main__":
    run()
