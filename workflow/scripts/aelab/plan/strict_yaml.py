"""YAML read strictly: a mapping in UTF-8, every key once, no objects of Python."""

import os
from pathlib import Path

from aelab.errors import ConfigurationError, LabError

# Path and state of each configuration file that was found readable.
READABLE = set()


def read_yaml(path):
    """The mapping in a YAML file. Duplicate keys, an empty file and anything not a mapping are refused."""
    content = parse_yaml(path)
    if not isinstance(content, dict):
        found = "an empty file" if content is None else f"a {type(content).__name__}"
        raise ConfigurationError(str(path), found, "allowed: a mapping with the keys of config/README.md")
    return content


def check_readable(path):
    """Raise `ConfigurationError` unless a configuration file, where there is one, holds a mapping in strict YAML.

    Snakemake reads the file next, with a loader that runs Python where a key says so: that key is refused. A file that
    did not change since it was found readable is not read again.
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


def parse_yaml(path):
    """The content of a YAML file, whatever it is; duplicate keys are refused."""
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where PyYAML was built with it

    def line(node):
        return f"{path}:{node.start_mark.line + 1}"

    class StrictLoader(base):
        pass

    def mapping(loader, node, deep=False):
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

    def construct(loader, node):
        if not isinstance(node, yaml.MappingNode):
            raise ConfigurationError(line(node), "a mapping that is none", "mend that line")
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
    except Exception as error:  # YAMLError, and what its constructors raise for dates and numbers that are none
        reason = " ".join(str(error).split())
        raise ConfigurationError(str(path), f"text that is not YAML ({reason})", "mend that line") from None
