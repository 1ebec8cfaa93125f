"""`python -m app` is the same door as the command `minxin`."""

from app.cli.main import run

if __name__ == "__main__":
    run()
