#!/usr/bin/python3 -SEs
"""Acts as `depot` and `docker` (and as `git`, if a test copies it): records how it was started, then does what the test
wants.

It is next to `steps.json` and `records/`. A step is a list: the name of a function below, and its arguments. Bytes are
written in JSON as Latin-1.
"""

import csv
import json
import os
import resource
import signal
import stat
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(sys.argv[0]))
NAME = os.path.basename(sys.argv[0])
RECORDS = os.path.join(FOLDER, "records")


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    answer()
    record(f"{time.monotonic_ns():020d}.json")
    with open(os.path.join(FOLDER, "steps.json")) as file:
        perform(json.load(file))


def answer():
    """Questions besides builds. They are recorded separately, and answered as `docker.json` (or `git.json`) says,
    command by command."""
    try:
        with open(os.path.join(FOLDER, f"{NAME}.json")) as file:
            answers = json.load(file)
    except FileNotFoundError:
        return
    words = " ".join(sys.argv[1:])
    question = next((start for start in answers if words.startswith(start)), None)
    if question is None:
        return
    with open(os.path.join(RECORDS, "asked"), "a") as file:
        file.write(words + "\n")
    record(f"question-{os.getpid()}.json")
    perform(answers[question])
    sys.exit(0)


def perform(steps):
    for name, *arguments in steps:
        STEPS[name](*arguments)


# What it saw


def record(name):
    """Atomic, so that a test that waits for the record never reads half of one."""
    write(f".{os.getpid()}", json.dumps(observe()))
    os.rename(os.path.join(RECORDS, f".{os.getpid()}"), os.path.join(RECORDS, name))


def observe():
    arguments = sys.argv[1:]
    return {
        "name": NAME,
        "arguments": arguments,
        "environment": environment(),
        "directory": os.getcwd(),
        "stdin": os.readlink("/proc/self/fd/0"),
        "descriptors": descriptors(),
        "leads_group": os.getpgrp() == os.getpid(),
        "blocked_signals": status("self", "SigBlk"),
        "core_limit": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "secrets": [secret(value) for value in values_of(arguments, "--secret")],
        "private_directory": files_beside(arguments),
        "parent_arguments": parent("cmdline"),
        "parent_environment": parent("environ"),
    }


def environment():
    """The environment as execve passed it. Python adds to its own."""
    with open("/proc/self/environ", "rb") as file:
        return dict(variable.split("=", 1) for variable in file.read().decode("latin-1").split("\0")[:-1])


def values_of(arguments, flag):
    return [value for name, value in zip(arguments, arguments[1:]) if name == flag]


def descriptors():
    """Open descriptors except the standard three. Listing them opens one more."""
    numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    return [number for number in numbers if number > 2 and os.path.exists(f"/proc/self/fd/{number}")]


def secret(value):
    fields = dict(field.split("=", 1) for field in next(csv.reader([value], strict=True)))
    source = fields.get("src")
    if source is None:
        return fields
    with open(source, "rb") as file:
        content = file.read().decode("latin-1")
    return {**fields, "content": content, "mode": mode(source), "directory_mode": mode(os.path.dirname(source))}


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def files_beside(arguments):
    """All files next to the metadata file, in the directory where a run keeps its files."""
    folder = os.path.dirname((values_of(arguments, "--metadata-file") or [""])[0])
    return {name: mode(os.path.join(folder, name)) for name in os.listdir(folder)} if folder else {}


def parent(file):
    try:
        with open(f"/proc/{os.getppid()}/{file}", "rb") as content:
            return content.read().decode("latin-1")
    except PermissionError:
        return ""


def status(process, name):
    with open(f"/proc/{process}/status") as lines:
        return next(line.split()[1] for line in lines if line.startswith(name + ":"))


def write(name, text):
    with open(os.path.join(RECORDS, name), "w") as file:
        file.write(text)


def remove(name):
    """Removes what write() made, if it did."""
    try:
        os.unlink(os.path.join(RECORDS, name))
    except FileNotFoundError:
        pass


# What it does


def out(text, times=1):
    emit(1, text, times)


def err(text, times=1):
    emit(2, text, times)


def emit(descriptor, text, times):
    data = text.encode("latin-1")
    for _ in range(times):
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def metadata(text):
    result_file("--metadata-file", text)


def image_id(text):
    result_file("--iidfile", text)


def result_file(flag, text):
    for path in values_of(sys.argv, flag):
        with open(path, "wb") as file:
            file.write(text.encode("latin-1"))


def huge_metadata(size):
    for path in values_of(sys.argv, "--metadata-file"):
        with open(path, "wb") as file:
            file.truncate(size)


def stray(target):
    """Writes files next to the results that nobody asked for, like those of a CLI that was interrupted. One is a link
    to another place."""
    for path in values_of(sys.argv, "--metadata-file"):
        with open(path + ".tmp-1", "w") as file:
            os.fchmod(file.fileno(), 0)
        os.symlink(target, path + ".tmp-2")


def move_private_directory(target):
    """Replaces the directory of the run's files with a link to another one."""
    for path in values_of(sys.argv, "--metadata-file"):
        folder = os.path.dirname(path)
        os.rename(folder, folder + ".moved")
        os.symlink(target, folder)


def in_turn(all_steps, otherwise):
    """What the first process of this command does, what the second does, and so on, and what all others do."""
    mark, command = 0, "-".join([NAME, *sys.argv[1:3]]).replace("/", "-")
    while mark < len(all_steps):
        try:
            os.close(os.open(os.path.join(RECORDS, f"turn-{command}-{mark}"), os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            mark += 1
    perform(all_steps[mark] if mark < len(all_steps) else otherwise)


def only(name, steps):
    """What only one of the two CLIs does."""
    if NAME == name:
        perform(steps)


def close_output():
    os.close(1)
    os.close(2)


def leave(code):
    os._exit(code)


def die(number):
    os.kill(os.getpid(), number)
    time.sleep(60)


def ignore(*numbers):
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def leave_on(number, code):
    """On this signal, records that it arrived, and exits."""
    signal.signal(number, lambda *_: (write(f"signal-{number}", ""), os._exit(code)))


def say_on(number, text, code):
    """On this signal, prints its last words, and exits."""
    signal.signal(number, lambda *_: (out(text), os._exit(code)))


def note(*numbers):
    """On each of these signals, records that it arrived, and continues."""
    for number in numbers:
        signal.signal(number, lambda got, _: write(f"signal-{got}", ""))


def sleep(seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.05)


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.01)


def child(steps, own_group=False):
    """A process that outlives this one unless it is ended."""
    if os.fork() == 0:
        if own_group:
            os.setsid()
        perform(steps)
        os._exit(0)


def note_peak():
    """The peak memory of the program that started us, in KiB."""
    write("peak", status(os.getppid(), "VmHWM"))


STEPS = {
    function.__name__: function
    for function in (
        *(out, err, metadata, image_id, huge_metadata, stray, move_private_directory, in_turn, only, leave, die),
        *(ignore, leave_on, say_on, note, sleep, wait_for, child, note_peak, write, remove, close_output),
    )
}

if __name__ == "__main__":
    main()
