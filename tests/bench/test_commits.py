"""bench/history.py and bench/commits.py: the commits, and the check of each image."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

import commits
import history
import report

NUMBERS = range(len(history.COMMITS) + 1)


@pytest.fixture(autouse=True)
def npm(monkeypatch):
    monkeypatch.setattr(history, "npm_setting", lambda name: "https://packages.example/npm/")


def files(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def sources(tmp_path):
    """The sources after this many commits."""

    def at(number: int) -> dict[str, str]:
        history.check_out(tmp_path / "sources", number)
        return files(tmp_path / "sources")

    return at


@pytest.mark.parametrize("number", NUMBERS[1:])
def test_a_commit_changes_the_files_that_it_names_and_no_other(sources, number):
    before, after = sources(number - 1), sources(number)
    named = set()
    for change in history.COMMITS[number - 1].changes:
        if isinstance(change, history.Edit):
            named.add(change.file)
        else:
            named |= {f"{change.package}/package.json", f"{change.package}/package-lock.json"}

    assert {name for name in after if after[name] != before.get(name)} == named
    assert set(before) == set(after)


@pytest.mark.parametrize("change", [change for commit in history.COMMITS for change in commit.changes])
def test_what_is_looked_for_in_an_image_comes_with_its_commit(sources, change):
    if isinstance(change, history.Edit):
        number = next(n for n in NUMBERS[1:] if change in history.COMMITS[n - 1].changes)
        assert change.seen.text in sources(number)[change.file]
        assert not any(change.seen.text in text for text in sources(number - 1).values())


def test_an_update_is_in_the_lock_file_with_its_archive(sources):
    lock = json.loads(sources(len(history.COMMITS))["server/package-lock.json"])
    entry = lock["packages"]["node_modules/zod"]

    assert entry["resolved"] == "https://packages.example/npm/zod/-/zod-4.0.17.tgz"
    assert entry["version"] == lock["packages"][""]["dependencies"]["zod"] == "4.0.17"


def test_an_edit_that_does_not_apply_is_an_error(tmp_path):
    (tmp_path / "file").write_text("something else")
    with pytest.raises(ValueError, match="file has no 'this'"):
        history.Edit("file", "this", "that").make(tmp_path)


class ImageOf:
    """A registry with the image of the commit of this number, in two layers on top of those of the base."""

    def __init__(self, number: int, version: str | None = None):
        places = history.seen(history.COMMITS[:number])
        self.blobs = {
            "settings": json.dumps({"config": {"Env": [f"VERSION={version or commits.version(number)}"]}}).encode(),
            # What comes from the base is not checked.
            "base": layer([]),
            "server": layer([place for place in places if "server" in place.below]),
            "web": layer([place for place in places if "web" in place.below]),
        }

    def manifest(self, repository: str, reference: str) -> dict:
        if repository == "node":
            return {"layers": [{"digest": "base"}]}
        if reference == "index":
            platforms = ("unknown", "amd64")
            return {"manifests": [{"digest": each, "platform": {"architecture": each}} for each in platforms]}
        assert reference == "amd64"
        return {"config": {"digest": "settings"}, "layers": [{"digest": name} for name in ("base", "server", "web")]}

    def blob(self, repository: str, digest: str) -> bytes:
        return self.blobs[digest]


def layer(places: list[history.Place]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for number, place in enumerate(places):
            name = place.below + f"{number}.js" if place.below.endswith("/") else place.below
            text = f"before{place.text}after".encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return packed.getvalue()


@pytest.mark.parametrize("number", NUMBERS)
def test_only_the_image_of_a_commit_is_taken_for_it(number):
    commits.check_image(ImageOf(number), "index", number)
    for other in {number - 1, number + 1} & set(NUMBERS):
        with pytest.raises(commits.BuildFailed, match=f"not commit {number}'s image"):
            commits.check_image(ImageOf(other, commits.version(number)), "index", number)


def test_the_version_of_an_image_is_looked_at():
    with pytest.raises(commits.BuildFailed):
        commits.check_image(ImageOf(3, version="1.0.2"), "index", 3)


def test_something_is_claimed_of_each_way_but_the_last():
    assert list(report.CLAIMED_FASTER) == [commits.WithoutCache.name, commits.CacheInArchive.name]


def test_a_packed_cache_is_unpacked_as_it_was(tmp_path):
    cache, archive, back = (tmp_path / name for name in ("cache", "cache.tzst", "back"))
    (cache / "blobs").mkdir(parents=True)
    (cache / "blobs/one").write_text("a layer")
    commits.pack(cache, archive)
    commits.unpack(archive, back)

    assert files(back) == {"blobs/one": "a layer"}
