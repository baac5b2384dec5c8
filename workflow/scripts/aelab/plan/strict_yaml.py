"""Read YAML strictly: UTF-8, every key once, no Python objects."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aelab.errors import ConfigurationError, LabError

if TYPE_CHECKING:
    import yaml

# Path and state of each configuration file that has been found readable.
READABLE = set()


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises
    ------
    ConfigurationError
        If the file does not hold a mapping, or in the cases of `parse_yaml`.
    """
    content = parse_yaml(path)
    if not isinstance(content, dict):
        found = "an empty file" if content is None else f"a {type(content).__name__}"
        raise ConfigurationError(str(path), found, "allowed: a mapping with the keys of config/README.md")
    return content


def check_readable(path: str | Path) -> None:
    """Check that a configuration file, if it exists, holds a mapping in strict YAML.

    Snakemake reads the file next, with a loader that executes Python code if the key `__use_yte__` asks for it; that
    key is refused. A file that has not changed since it was found readable is not read again.

    Raises
    ------
    ConfigurationError
        If the file cannot be used.
    """
    if not Path(path).exists():
        return
    status = os.stat(path)
    state = (os.path.realpath(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if state in READABLE:
        return
    if "__use_yte__" in read_yaml(path):
        raise ConfigurationError(f"{path}: __use_yte__", "an unknown key", "a configuration holds no code: remove it")
    READABLE.add(state)


def parse_yaml(path: str | Path) -> object:
    """Return the content of a YAML file, whatever its type.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, is not YAML in UTF-8, or has a key twice.
    """
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, if PyYAML was built with it

    def line(node: yaml.Node) -> str:
        return f"{path}:{node.start_mark.line + 1}"

    class StrictLoader(base):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = {}
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = loader.construct_object(key_node, deep=True)
            if not isinstance(key, (str, int, float, bool, type(None))):
                raise ConfigurationError(f"{line(key_node)}: {key}", f"the key {key!r}", "a key is a word")
            if key in seen:
                raise ConfigurationError(
                    f"{line(key_node)}: {key}", f"the key twice (first in line {seen[key]})", "keep one of the two"
                )
            seen[key] = key_node.start_mark.line + 1
        return base.construct_mapping(loader, node, deep)

    def construct(loader: yaml.SafeLoader, node: yaml.Node) -> Iterator[dict[Any, Any]]:
        if not isinstance(node, yaml.MappingNode):
            raise ConfigurationError(line(node), "the tag of a mapping on something else", "correct that line")
        yield (content := {})
        content.update(mapping(loader, node))

    StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, construct)
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), StrictLoader)
    except FileNotFoundError:
        raise ConfigurationError(str(path), "no such file", "name a file that exists") from None
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), "bytes that are not UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise ConfigurationError(str(path), f"a file that cannot be read ({error.strerror})", "allow reading") from None
    except LabError:
        raise
    except Exception as error:  # YAMLError, and what constructors raise for invalid dates and numbers
        reason = " ".join(str(error).split())
        raise ConfigurationError(str(path), f"text that is not YAML ({reason})", "correct that line") from None
