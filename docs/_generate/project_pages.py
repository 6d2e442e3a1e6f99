"""The pages of what the source has beside the package: the changelog, the policy of versions, the license, examples."""

from __future__ import annotations

import ast
import re

from code_objects import ROOT

from kombo_async._version import __version__

CHANGELOG, SECURITY, LICENSE = "about/changelog.md", "about/security.md", "about/license.md"
EXAMPLES = "recipes/examples.md"

SHOWN = {
    "web_app.py": "python",
    "fastapi_app.py": "python",
    "sync_employees.py": "python",
    "fleet/compose.yaml": "yaml",
    "fleet/kombo-worker@.service": "ini",
    "fleet/demo.py": "python",
}
"""By file of `examples`: the language of its block."""


def pages() -> dict[str, str]:
    """Return the pages by path."""
    return {CHANGELOG: changelog_page(), SECURITY: security_page(), LICENSE: license_page(), EXAMPLES: examples_page()}


def read(name: str) -> str:
    """Return the text of a file of the source."""
    return (ROOT / name).read_text(encoding="utf-8")


def changelog_page() -> str:
    """Return the changelog, with the version that these pages describe."""
    heading, _, rest = read("CHANGELOG.md").replace("(SECURITY.md)", "(security.md)").partition("\n")
    return f'{heading}\n\nThese pages describe version {__version__} and what is under "Unreleased".\n{rest}'


def security_page() -> str:
    """Return the policy as one page: the file has two first headings."""
    text = read("SECURITY.md").replace("(CHANGELOG.md)", "(changelog.md)")
    return "# Security and compatibility\n\n" + re.sub(r"^(?=#)", "#", text, flags=re.MULTILINE)


def license_page() -> str:
    """Return the license."""
    title, _, text = read("LICENSE").partition("\n")
    return f"# License\n\n`kombo_async` is free software under the {title}.\n{text}"


def examples_page() -> str:
    """Return the examples, each with what its docstring or first comment says."""
    lines = [
        "# Examples\n",
        (
            "Whole programs from the folder `examples` of the source. The tests run the first three, and "
            "`make fleet-demo` in a checkout the last. The source for dlt is in [its recipe](dlt.md).\n"
        ),
    ]
    for name, language in SHOWN.items():
        code = read(f"examples/{name}")
        lines += [f"## {name}\n", *([f"{ast.get_docstring(ast.parse(code))}\n"] if language == "python" else [])]
        lines += [f"```{language}", code.rstrip(), "```\n"]
    return "\n".join(lines)
