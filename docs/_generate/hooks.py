"""Hooks of the site: pages generated from the code, plain Markdown of all pages, and checks of what was built.

A public name without a docstring or a page, and anything that a page loads from another host, end `make docs`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import api_pages
import method_pages
import model_pages
import other_pages
import project_pages
from code_objects import FAMILIES, MODELS, UndocumentedError
from mkdocs.structure.files import File, Files
from site_output import llms_txt, loads_of_site
from table_labels import ColumnLabels

from kombo_async import KomboClient, _help, errors
from kombo_async._version import DOCUMENTATION, __version__

MARKDOWN: dict[str, str] = {}
"""The Markdown of each page, by its path."""


SEARCH_BOOSTS = {
    "reference/errors.md": 4,
    "reference/client.md": 2,
    "reference/exit-codes.md": 8,
    "reference/models/hris.md": 2,
    "about/changelog.md": 1,
    "recipes/examples.md": 1,
}
"""By page: its rank in the search; 1 for the rest of the reference, 8 for all others."""


def on_config(config: Any) -> Any:
    """Set the address and the version of the site, and label the columns of its tables."""
    config.site_url = f"{DOCUMENTATION}/"
    config.markdown_extensions.append(ColumnLabels())
    config.extra["release"] = __version__
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages."""
    for part in (other_pages, model_pages, method_pages, api_pages):
        part.add_places()
    if missing := api_pages.undocumented():
        raise UndocumentedError(f"no page describes {', '.join(missing)}")
    pages = {
        other_pages.ERRORS: other_pages.errors_page(),
        "reference/exit-codes.md": other_pages.exit_codes_page(),
        **other_pages.command_line_pages(),
        "reference/methods/index.md": method_pages.index_page(),
        "reference/models/index.md": model_pages.index_page(),
    }
    pages |= {api_pages.page_of(name): api_pages.api_page(name) for name in api_pages.PAGES}
    pages |= {method_pages.page_of(module): method_pages.family_page(module) for module in FAMILIES}
    pages |= {model_pages.page_of(module): model_pages.model_page(module) for module in MODELS}
    pages |= project_pages.pages()
    for path, content in pages.items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Keep the Markdown of a page, and rank what explains before what lists."""
    path = page.file.src_uri
    page.meta["search"] = {"boost": SEARCH_BOOSTS.get(path, 1 if path.startswith("reference/") else 8)}
    if path == "reference/types.md":  # It repeats the filters of the methods.
        page.meta["search"] = {"exclude": True}
    MARKDOWN[page.file.src_uri] = markdown
    return markdown


def on_nav(nav: Any, **_: Any) -> Any:
    """Keep the order of the pages."""
    SECTIONS.clear()
    for item in nav.items:
        pages = [item] if item.is_page else list(_pages(item))
        SECTIONS[item.title or "Start"] = pages
    return nav


SECTIONS: dict[str, list[Any]] = {}
"""The pages of each section of the navigation."""


def _pages(section: Any) -> Any:
    for item in section.children:
        if item.is_page:
            yield item
        elif item.children:
            yield from _pages(item)


def on_post_build(config: Any) -> None:
    """Write the Markdown of the pages and `llms.txt`, and check what the site loads."""
    site = Path(config.site_dir)
    for path, content in MARKDOWN.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(content, encoding="utf-8")
    entries = {section: [(page.title, page.file.src_uri) for page in pages] for section, pages in SECTIONS.items()}
    index = llms_txt(config.site_name, config.site_description, entries, MARKDOWN)
    (site / "llms.txt").write_text(index, encoding="utf-8")
    parts = [MARKDOWN[path] for pages in entries.values() for _, path in pages if not path.startswith("reference/")]
    (site / "llms-full.txt").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    if found := list(loads_of_site(site)):
        raise SystemExit("The site must load nothing from other hosts:\n" + "\n".join(found))
    if missing := [address for address in linked_by_the_package() if not exists(site, address)]:
        raise SystemExit("The package links to what the site does not have:\n" + "\n".join(missing))


def linked_by_the_package() -> Iterator[str]:
    """Yield the addresses that `help()` and errors link to."""
    for name in errors.__dict__:
        cls = getattr(errors, name)
        if isinstance(cls, type) and issubclass(cls, errors.KomboError):
            yield _help.error_page(cls)
    client = KomboClient("ks_documentation")
    families = [getattr(client, attribute.removeprefix("client.")) for _, attribute, _ in list(FAMILIES.values())[1:]]
    for family in (client, *families, client.custom.datev, client.custom.silae, client.custom.avionte):
        for _, method in inspect.getmembers(family, inspect.ismethod):
            if _help.operation_of(method.__func__) is not None:
                yield _help.page_of(method.__func__)


def exists(site: Path, address: str) -> bool:
    """Return whether the site has a page and, in it, an anchor."""
    path, _, anchor = address.removeprefix(f"{DOCUMENTATION}/").partition("#")
    return (site / path).is_file() and f'id="{anchor}"' in (site / path).read_text(encoding="utf-8")
