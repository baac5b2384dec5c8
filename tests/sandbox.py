"""A finished run to be edited: repository and results in one folder, put back after each edit."""

import copy
import os

import fast_yaml

STATEMENT = "\nEDITED = True\n"


class Sandbox:
    """A copy of repository and finished run in one folder; `restore` undoes every edit."""

    def __init__(self, folder):
        self.folder = self.home = folder
        self.before = {}

    def keep(self, path):
        """Remember a file as it is before it is changed for the first time."""
        if path not in self.before:
            spare = None
            if path.exists():
                spare = self.folder.parent / f"kept-{len(self.before)}"
                os.link(path, spare)
            self.before[path] = spare

    def write(self, path, content, mtime=None):
        """Write a file, as a new one, so that what is linked elsewhere stays as it is."""
        path = self.folder / path
        self.keep(path)
        times = path.stat() if path.exists() else None
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if mtime == "kept":
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        elif mtime == "old":
            os.utime(path, (1_000_000_000, 1_000_000_000))

    def read(self, path):
        return (self.folder / path).read_text()

    def replace(self, path, old, new, mtime=None):
        text = self.read(path)
        assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}"
        self.write(path, text.replace(old, new), mtime)

    def delete(self, path):
        self.keep(path)
        path.unlink()

    def files(self, patterns):
        """The files that patterns name, those in folders that they name included."""
        found = [path for pattern in patterns for path in self.folder.glob(pattern)]
        assert found, f"no file matches {patterns}"
        return {file for path in found for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()}

    def restore(self):
        """Put everything back, times included."""
        if self.folder != self.home:
            self.folder.rename(self.home)
            self.folder = self.home
        for path, spare in self.before.items():
            path.unlink(missing_ok=True)
            if spare:
                path.parent.mkdir(parents=True, exist_ok=True)
                spare.rename(path)
        self.before = {}

    def apply(self, entry):
        """Carry out an edit; returns the arguments to plan with."""
        mtime = entry.get("mtime")
        if "code" in entry:
            path = f"workflow/{entry['code']}"
            self.write(path, self.read(path) + STATEMENT)
        if "replace" in entry:
            self.replace(entry["file"], *entry["replace"], mtime)
        if "append" in entry:
            self.write(entry["file"], self.read(entry["file"]) + entry["append"], mtime)
        if "write" in entry:
            self.write(entry["file"], entry["write"])
        if {"config", "config_without", "config_copies", "reorder"} & entry.keys():
            config = fast_yaml.safe_load(self.read("config/config.yaml"))
            edit_configuration(config, entry)
            self.write("config/config.yaml", fast_yaml.safe_dump(config, sort_keys=False))
        if "config_text" in entry:
            self.replace("config/config.yaml", *entry["config_text"])
        for path in self.files(entry["delete"]) if "delete" in entry else []:
            self.delete(path)
        for path in self.files(entry["touch"]) if "touch" in entry else []:
            self.write(path, path.read_bytes())
        if "scramble" in entry:
            content = bytearray((self.folder / entry["scramble"]).read_bytes())
            content[len(content) // 2] ^= 1
            self.write(entry["scramble"], bytes(content))
        if entry.get("moved"):
            self.folder = self.home.parent / "elsewhere" / "another name"
            self.folder.parent.mkdir(exist_ok=True)
            self.home.rename(self.folder)
        return [str(argument) for argument in entry.get("arguments", [])]


def edit_configuration(config, entry):
    """Carry out what an edit does to the keys of the configuration."""

    def parent(path):
        *keys, last = path.split(".")
        value = config
        for key in keys:
            value = value[key]
        return value, last

    for new, old in entry.get("config_copies", {}).items():
        value, key = parent(old)
        target, name = parent(new)
        target[name] = copy.deepcopy(value[key])
    for path, value in entry.get("config", {}).items():
        target, key = parent(path)
        target[key] = value
    for path in entry.get("config_without", []):
        target, key = parent(path)
        del target[key]
    for path in entry.get("reorder", []):
        target, key = parent(path)
        value = target[key]
        assert len(value) > 1, f"{path} has no order"
        target[key] = value[::-1] if isinstance(value, list) else dict(reversed(value.items()))
