"""Output folders in which nobody else's files are lost. The file .gridproof-files of a folder lists what
was written there, in the notation of sha256sum; only those files are ever replaced or removed. The program
gridproof keeps the same lists (reports/cli/write_files.h)."""
import hashlib
import os
import pathlib
import re
import stat

LIST = ".gridproof-files"


class InTheWay(Exception):
    """Something that was not written here: one sentence."""


def hash_of(path):
    """Of a regular file; None for anything else, a symbolic link included."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_list(folder):
    """{name: hashes}, of which there are two while a file is being replaced."""
    path = folder / LIST
    if not os.path.lexists(path):
        return {}
    own = {}
    lines = path.read_text(errors="replace").splitlines() if hash_of(path) else [""]
    for line in lines:
        entry = re.fullmatch(r"([0-9a-f]{64})  ([^/\\]+)", line)
        if not entry or entry[2] in (".", ".."):
            raise InTheWay(f"'{path}' is not a list that gridproof wrote")
        own.setdefault(entry[2], set()).add(entry[1])
    return own


def write_aside(path, data):
    """A file under a name of its own, to be renamed to `path`."""
    for number in range(1000):
        aside = path.with_name(f".{path.name}.{os.getpid()}.{number}.tmp")
        try:
            with aside.open("xb") as stream:
                stream.write(data)
            return aside
        except FileExistsError:
            continue
    raise InTheWay(f"'{aside}' is in the way")


def write_list(folder, own):
    text = "".join(f"{hash_}  {name}\n" for name in sorted(own) for hash_ in sorted(own[name]))
    write_aside(folder / LIST, text.encode()).rename(folder / LIST)


def write(folder, contents):
    """Makes the folder hold these files, {name: bytes}, beside those of other people. What an earlier
    call wrote and this one does not is removed. Raises InTheWay, and then nothing has changed."""
    if os.path.islink(folder) or (os.path.lexists(folder) and not os.path.isdir(folder)):
        raise InTheWay(f"'{folder}' is in the way: expected a folder, not a link to one")
    folder.mkdir(exist_ok=True)
    listed = read_list(folder)

    def is_own(name):
        return name in listed and hash_of(folder / name) in listed[name]

    new = {name: {hashlib.sha256(data).hexdigest()} for name, data in contents.items()}
    for name in contents:
        if os.path.lexists(folder / name) and not is_own(name) and hash_of(folder / name) not in new[name]:
            raise InTheWay(f"'{folder / name}' is in the way: gridproof did not write it, or it has changed since")
    stale = [name for name in listed if name not in contents and is_own(name)]
    asides = {}
    try:
        for name, data in contents.items():
            asides[name] = write_aside(folder / name, data)
        # Whenever this is cut off, what is there is in the list.
        write_list(folder, {name: listed.get(name, set()) | new.get(name, set()) for name in [*stale, *new]})
        for name in contents:
            asides[name].rename(folder / name)
            del asides[name]
    finally:
        for aside in asides.values():
            aside.unlink()
    for name in stale:
        pathlib.Path(folder / name).unlink()
    write_list(folder, new)
