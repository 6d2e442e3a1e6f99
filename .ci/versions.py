"""Print what `pyproject.toml` declares, for `make lowest` and `make matrix`.

`lowest` prints pip constraints: of each dependency, the lowest version that is declared.
`pythons` prints each declared version of Python and an interpreter of it, and on standard error the versions that this
machine does not have; those that are named after it are left out. It looks in PATH, and among the versions of pyenv.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(\[[^]]*\])?\s*(?P<bounds>[^;]*)(?P<marker>;.*)?")
LOWER_BOUND = re.compile(r">=\s*([\w.]+)")
PYTHON = re.compile(r"Programming Language :: Python :: (3\.\d+)")
VERSION_OF = "import sys; print('%d.%d' % sys.version_info[:2])"


def lowest() -> Iterator[str]:
    """Return a constraint for each dependency and each of those that come with an extra."""
    for requirement in chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        match = REQUIREMENT.fullmatch(requirement)
        if match and match["name"] == PROJECT["name"]:
            # One extra contains another one.
            continue
        bound = match and LOWER_BOUND.search(match["bounds"])
        if not match or not bound:
            sys.exit(f"pyproject.toml: no lower bound (>=) in {requirement!r}")
        yield f"{match['name']}=={bound[1]}{match['marker'] or ''}"


def pythons(*without: str) -> Iterator[str]:
    """Return the versions with an interpreter of each."""
    for version in filter(None, map(PYTHON.fullmatch, PROJECT["classifiers"])):
        if version[1] in without:
            continue
        found = next(filter(None, (_checked(path, version[1]) for path in _candidates(version[1]))), None)
        if found:
            yield f"{version[1]} {found}"
        else:
            print(f"Python {version[1]} is not on this machine: left out", file=sys.stderr)


def _candidates(version: str) -> Iterator[str]:
    if path := shutil.which(f"python{version}"):
        yield path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    releases = [path for path in pyenv.glob(f"{version}.*") if path.name.rpartition(".")[2].isdecimal()]
    for release in sorted(releases, key=lambda path: int(path.name.rpartition(".")[2]), reverse=True):
        yield str(release / "bin" / "python")


def _checked(path: str, version: str) -> str | None:
    # A command of pyenv in PATH may be for a version that is not switched on.
    try:
        ran = subprocess.run([path, "-c", VERSION_OF], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    except OSError:
        return None
    return path if ran.stdout.strip() == version else None


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["lowest"]:
            print(*lowest(), sep="\n")
        case ["pythons", *without]:
            print(*pythons(*without), sep="\n")
        case _:
            sys.exit(f"usage: {sys.argv[0]} lowest | pythons [VERSION…]")
