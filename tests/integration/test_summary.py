"""A build at a glance: the job summary, and the output `report`, which has the same for programs."""

from __future__ import annotations

import base64
import json
import os
import re
import signal

import jsonschema
import pytest

from integration.cli import DIGEST, METADATA, SUCCESS, Step, until
from integration.job import Job
from world.action import ROOT
from world.events import pull_request
from world.runner import Result
from world.summary import blocks, headings

LOGS = ROOT / "tests/unit/buildkit/logs"
SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())
TOKEN = {"token": "depot_project_abc"}
FAILS = Step("out", "#4 [internal] load build definition\nERROR: failed to solve: exit code: 1\n"), Step("leave", 1)
NO_BUILDER = Step("out", "ERROR: unavailable: `no` <b>machine</b>\n"), Step("leave", 1)


def report(result: Result) -> dict:
    text = result.outputs["report"]
    assert len(text.encode()) <= 16 * 1024
    told = json.loads(text)
    jsonschema.validate(told, SCHEMA)
    return told


@pytest.fixture(params=["depot", "docker"])
def built_by(request, job: Job) -> str:
    """Who builds."""
    if request.param == "docker":
        job.event = pull_request(fork=True)
    return request.param


@pytest.fixture
def inputs(built_by) -> dict:
    return TOKEN if built_by == "depot" else {}


# Both builders, and every way to end


def test_a_success(job: Job, built_by, inputs):
    result = job.succeed({**inputs, "tags": "acme/app:1\nacme/app:2", "push": True, "platforms": "linux/amd64,linux/arm64"})

    (heading,) = headings(result.summary)
    assert heading.startswith("✅ `acme/app:1` built in ")
    assert "- `acme/app:2`\n" in result.summary
    assert f"| Digest | `{DIGEST}` |" in result.summary
    assert "| Platforms | `linux/amd64`, `linux/arm64` |" in result.summary
    assert "| Attestations | `provenance` |" in result.summary
    told = report(result)
    assert (told["result"], told["builder"], told["tries"]) == ("success", built_by, 1)
    assert told["image"]["names"] == ["acme/app:1", "acme/app:2"]
    assert told["image"]["digest"] == DIGEST
    assert told["reason"] in result.summary
    assert told["error"] is told["failed_step"] is told["fallback"] is None


OUTPUTS = 'type=image,"name=acme/app,acme/other",push-by-digest=true,push=true\ntype=oci,name=acme/app,dest=a.tar'


@pytest.mark.parametrize(
    ("tags", "names"),
    [("", ["acme/app", "acme/other"]), ("acme/tagged:1", ["acme/tagged:1"])],
    ids=["named by its outputs", "named by its tags, which win"],
)
def test_an_image(job: Job, inputs, tags, names):
    result = job.succeed({**inputs, "tags": tags, "outputs": OUTPUTS})

    (heading,) = headings(result.summary)
    assert heading.startswith(f"✅ `{names[0]}` built in ")
    assert report(result)["image"]["names"] == names


@pytest.mark.parametrize("said", ["disabled=true", "disabled=1", "disabled=T"])
def test_an_attestation_that_is_off(job: Job, inputs, said):
    result = job.succeed({**inputs, "provenance": said})

    assert report(result)["image"]["attestations"] == []
    assert "Attestations" not in result.summary


def test_a_failure(job: Job, cli, built_by, inputs):
    cli.does(*FAILS)

    result = job.run(inputs)

    (heading,) = headings(result.summary)
    assert heading.startswith("❌ Build failed after ")
    assert "failed to solve: exit code: 1" in blocks(result.summary)[0]
    told = report(result)
    assert (told["result"], told["builder"], told["image"]) == ("failure", built_by, None)
    assert "failed to solve: exit code: 1" in told["error"]["message"]


def test_a_cancelled_build(job: Job, cli, inputs):
    cli.does(Step("sleep", 600))
    running = job.start(inputs)
    cli.wait_for_call()

    result = job.checked(running.cancel())

    (heading,) = headings(result.summary)
    assert heading.startswith("⚪ Build cancelled after ")
    assert report(result)["result"] == "cancelled"


def test_docker_in_depot_s_place(job: Job, cli):
    cli.does(Step("only", "depot", list(NO_BUILDER)), *SUCCESS)

    result = job.succeed({**TOKEN, "buildx-fallback": True})

    told = report(result)
    assert (told["result"], told["builder"]) == ("success", "docker")
    assert "unavailable: `no` <b>machine</b>" in told["fallback"]
    # Text from elsewhere, in a code span, and the backticks in it do not end the span.
    assert f"Depot did not build: ``{told['fallback']}``\n" in result.summary


def test_the_size_of_an_image_if_the_builder_tells_it(job: Job, cli):
    metadata = {**json.loads(METADATA), "manifests": [{"layers": [{"size": 84_000_000}, {"size": 123_456}]}]}
    cli.does(Step("metadata", json.dumps(metadata)))

    result = job.succeed(TOKEN)

    assert "| Size | 84.1 MB |" in result.summary
    assert report(result)["image"]["size"] == 84_123_456


def test_the_inputs_without_values_of_secrets_and_build_arguments(job: Job):
    given = {**TOKEN, "secrets": "npm=hush-hush", "build-args": "VERSION=1.4.2\nQkJC==", "target": "app"}

    result = job.succeed(given)

    assert blocks(result.summary)[-1].splitlines() == [
        "build-args: VERSION=***",
        "build-args: ***",
        "context: .",
        "secrets: npm=***",
        "target: app",
        "token: ***",
    ]


# The steps


def log(cli: str, name: str) -> str:
    """What a real builder printed."""
    return (LOGS / cli / name).read_text()


def test_the_steps_of_a_real_build(job: Job, cli, built_by, inputs):
    cli.does(Step("out", log(built_by, "success")), *SUCCESS)

    result = job.succeed(inputs)

    told = report(result)["steps"]
    assert f"**{told['cached']} of {told['total']} steps cached**" in result.summary
    numbers = set(re.findall(r"^#(\d+) \[(?:\S+ )*\d+/\d+\]", log(built_by, "success"), re.M))
    cached = set(re.findall(r"^#(\d+) CACHED$", log(built_by, "success"), re.M))
    assert (told["total"], told["cached"]) == (len(numbers), len(numbers & cached))
    assert [step["seconds"] for step in told["slowest"]] == sorted(
        (step["seconds"] for step in told["slowest"]), reverse=True
    )
    for step in told["slowest"]:
        assert f"  {step['instruction']}" in result.summary


def test_what_came_from_the_cache_and_of_which_platform(job: Job, cli):
    cli.does(
        Step(
            "out",
            "#1 [depot] build: https://depot.dev/orgs/a/projects/b/builds/c\n#1 DONE 0.0s\n\n"
            "#2 [depot] launching amd64 machine\n#2 DONE 2.5s\n\n"
            "#4 [internal] load build definition from Dockerfile\n#4 DONE 9.0s\n\n"
            "#5 [linux/amd64 build 1/2] RUN one\n#5 CACHED\n\n"
            "#6 [linux/arm64 build 1/2] RUN one\n#6 DONE 4.0s\n\n"
            "#7 [linux/arm64 build 2/2] RUN two\n#7 DONE 8.0s\n\n"
            "#8 exporting to image\n#8 DONE 7.0s\n",
        ),
        *SUCCESS,
    )

    result = job.succeed(TOKEN)

    assert "**1 of 3 steps cached** · 2.5 s until a machine was ready\n" in result.summary
    assert blocks(result.summary)[0].splitlines() == [
        "8.0 s  ████████████████████  linux/arm64  RUN two",
        "4.0 s  ██████████            linux/arm64  RUN one",
    ]
    assert "[See this build at Depot](https://depot.dev/orgs/a/projects/b/builds/c)." in result.summary
    told = report(result)
    assert (told["steps"]["total"], told["steps"]["cached"], told["times"]["machine"]) == (3, 1, 2.5)
    assert told["build"]["url"] == "https://depot.dev/orgs/a/projects/b/builds/c"
    assert told["steps"]["slowest"][0] == {
        "instruction": "RUN two", "stage": "build", "platform": "linux/arm64", "seconds": 8.0
    }


@pytest.mark.parametrize(
    "line",
    [
        "#9 0.1 [depot] build: https://depot.dev/x",
        "#1 [depot] build: https://example.com/x",
        "#1 [depot] build: https://depot.dev/x) [y](https://example.com",
        "#1 [depot] build: https://depot.dev.example.com/x",
    ],
)
def test_no_link_but_to_the_build_at_depot(job: Job, cli, line):
    cli.does(Step("out", f"#9 [1/1] RUN x\n{line}\n#9 DONE 1.0s\n"), *SUCCESS)

    result = job.succeed(TOKEN)

    assert "](" not in result.summary
    assert report(result)["build"]["url"] is None


def test_the_step_that_failed(job: Job, cli, built_by, inputs):
    cli.does(Step("out", log(built_by, "run")), Step("leave", 1))

    result = job.run(inputs)

    (heading,) = headings(result.summary)
    assert heading.startswith("❌ `RUN echo one; echo two >&2; exit 7` failed after ")
    assert blocks(result.summary)[0].splitlines()[:2] == ["one", "two"]
    assert "exit code 7\n" in result.summary
    told = report(result)["failed_step"]
    assert told["exit_code"] == 7
    assert (told["instruction"], told["lines"]) == ("RUN echo one; echo two >&2; exit 7", ["one", "two"])


def test_the_last_20_lines_of_the_step_that_failed(job: Job, cli):
    lines = "".join(f"#5 0.{number:03} line {number}\n" for number in range(30))
    ends = '#5 ERROR: process "x" did not complete successfully: exit code: 1\n'
    cli.does(Step("out", f"#4 [internal] load\n#5 [2/2] RUN x\n{lines}{ends}ERROR: failed to solve\n"), Step("leave", 1))

    result = job.run(TOKEN)

    assert report(result)["failed_step"]["lines"] == [f"line {number}" for number in range(10, 30)]
    assert blocks(result.summary)[0].splitlines()[:20] == [f"line {number}" for number in range(10, 30)]


def test_secrets_are_not_in_what_a_step_printed(job: Job, cli):
    secret = "hush\thush hush"
    said = f"#4 [internal] load\n#5 [2/2] RUN {secret}\n#5 0.1 it is {secret}\n#5 ERROR: exit code: 1\nERROR: failed to solve: {secret}\n"
    cli.does(Step("out", said), Step("leave", 1))

    result = job.run({**TOKEN, "secrets": f"key={secret}"})

    assert "it is ***" in result.summary
    assert "hush" not in result.summary + result.outputs["report"]


def test_the_line_of_the_dockerfile(job: Job, cli, inputs):
    job.workspace.mkdir(parents=True, exist_ok=True)
    (job.workspace / "Dockerfile").write_text("# a\nFROM scratch AS build\nRUN one\nRUN two\n")
    cli.does(
        Step(
            "out",
            "#4 [internal] load\n#4 DONE 0.0s\n\n#5 [build 1/2] RUN one\n#5 DONE 1.0s\n\n#6 [build 2/2] RUN two\n"
            '#6 0.1 no\n#6 ERROR: process "/bin/sh -c two" did not complete successfully: exit code: 3\n'
            'ERROR: failed to solve: process "/bin/sh -c two" did not complete successfully: exit code: 3\n',
        ),
        Step("leave", 1),
    )

    result = job.run(inputs)

    assert "\n`Dockerfile`, line 4 · stage `build` · exit code 3\n" in result.summary
    assert (report(result)["error"]["file"], report(result)["error"]["line"]) == ("Dockerfile", 4)


def test_what_to_do(job: Job, cli):
    cli.does(Step("out", "#4 [internal] load\nERROR: unauthenticated: Invalid token\n"), Step("leave", 1))

    result = job.run(TOKEN)

    advice = "Depot does not accept the token from the input `token`"
    assert f"**What to do:** {advice}" in result.summary
    assert report(result)["error"]["advice"].startswith(advice)
    assert report(result)["error"]["message"].startswith("unauthenticated: Invalid token")


def test_the_checks_that_do_not_fit_as_annotations(job: Job, cli):
    def check(line: int) -> dict:
        encoded = base64.b64encode(f"check {line}".encode()).decode()
        places = {"range": [{"start": {"line": line}, "end": {"line": line}}], "sourceInfo": {"filename": "Dockerfile"}}
        return {"short": encoded, "detail": [encoded], **places}

    metadata = {**json.loads(METADATA), "buildx.build.warnings": [check(line) for line in range(1, 15)]}
    cli.does(Step("metadata", json.dumps(metadata)))
    job.event = pull_request(fork=True)

    result = job.succeed()

    shown = len(result.messages("warning"))
    assert f"<details><summary>{14 - shown} checks that did not fit as annotations</summary>" in result.summary
    assert blocks(result.summary)[0].splitlines()[-1] == "Dockerfile:14: check 14: check 14"
# Several tries


LOST = Step("err", "ERROR: unavailable: error reading from server: EOF\n"), Step("leave", 1)
FIRST = Step("out", "#4 [internal] load\n\n#5 [1/1] RUN first\n#5 DONE 9.0s\n\n")
LAST = Step("out", "#4 [internal] load\n\n#5 [1/1] RUN last\n#5 CACHED\n\n")


def test_a_build_that_succeeds_at_its_second_try(job: Job, cli, built_by, inputs):
    cli.does(Step("in_turn", [[FIRST, *LOST]], [LAST, *SUCCESS]))

    result = job.succeed(inputs)

    assert len(headings(result.summary)) == 1
    assert "**1 of 1 step cached** · 2 tries\n" in result.summary
    told = report(result)
    assert (told["result"], told["tries"], told["steps"]["total"], told["builder"]) == ("success", 2, 1, built_by)
    assert "first" not in result.summary


def test_a_build_that_fails_at_its_last_try(job: Job, cli, inputs):
    cli.does(Step("in_turn", [[FIRST, *LOST]], [LAST, *LOST]))

    result = job.run(inputs)

    assert len(headings(result.summary)) == 1
    assert "2 tries" in result.summary
    assert (report(result)["result"], report(result)["tries"]) == ("failure", 2)


def test_a_build_that_is_stopped_before_its_second_try(job: Job, cli, inputs):
    cli.does(FIRST, *LOST)
    running = job.start({**inputs, "retries": 2})
    running.wait_for("Trying again")
    running.signal(signal.SIGINT)

    result = job.checked(running.wait())

    (heading,) = headings(result.summary)
    assert heading.startswith("⚪ Build cancelled after ")
    assert (report(result)["result"], report(result)["tries"]) == ("cancelled", 1)


# No summary


@pytest.mark.parametrize("value", ["false", "0", "f", "FALSE"])
def test_no_summary_if_it_is_switched_off(job: Job, inputs, value):
    result = job.succeed(inputs, environment={"DOCKER_BUILD_SUMMARY": value})

    assert result.summary == ""
    assert report(result)["result"] == "success"


@pytest.mark.parametrize("value", ["true", "1", "", "no"])
def test_a_summary_unless_it_is_switched_off(job: Job, inputs, value):
    assert headings(job.succeed(inputs, environment={"DOCKER_BUILD_SUMMARY": value}).summary)


@pytest.mark.parametrize("call, written", [("build", True), ("check", False), ("outline", False)])
def test_a_summary_of_builds_alone(job: Job, call, written):
    assert bool(job.succeed({"call": call}).summary) is written


@pytest.mark.parametrize("place", ["", "/no/such/file"])
def test_no_summary_if_there_is_no_file_for_it(job: Job, inputs, place):
    result = job.succeed(inputs, environment={"GITHUB_STEP_SUMMARY": place})

    assert (result.summary, result.messages("warning")) == ("", [])
    assert not os.path.exists("/no/such/file")


def test_a_summary_that_cannot_be_written_is_a_warning(job: Job, inputs):
    result = job.succeed(inputs, environment={"GITHUB_STEP_SUMMARY": "/dev/full"})

    (warning,) = result.messages("warning")
    assert warning.startswith("the job summary could not be written to GITHUB_STEP_SUMMARY: ")


def test_a_summary_is_added_to_one_that_is_there(job: Job, inputs, tmp_path):
    file = tmp_path / "summary.md"
    file.write_text("# Mine\n")

    job.succeed(inputs, environment={"GITHUB_STEP_SUMMARY": str(file)})

    assert file.read_text().startswith("# Mine\n### ✅ ")


# Its place at the end of a step


def test_the_summary_comes_last(job: Job, cli, inputs, tmp_path):
    """When the summary is written, the outputs are already written and the annotation is already shown."""
    cli.does(*FAILS)
    pipe = tmp_path / "summary"
    os.mkfifo(pipe)
    running = job.start(inputs, environment={"GITHUB_STEP_SUMMARY": str(pipe)})
    running.wait_for("::error")

    (outputs,) = job.runner().files.glob("github_output_*")
    assert "report<<" in outputs.read_text()
    assert pipe.read_text().startswith("### ❌ ")
    assert job.checked(running.wait()).exit_code == 1


# Before a builder starts


@pytest.mark.parametrize(
    "inputs",
    [{**TOKEN, "push": "perhaps"}, {**TOKEN, "tags": '"'}, {"token": "no token"}],
    ids=["an input that is not a boolean", "an input without its quote", "a token that is not one"],
)
def test_a_step_that_fails_before_a_builder_starts(job: Job, inputs):
    error = job.run(inputs)

    assert error.summary == ""
    told = report(error)
    assert (told["result"], told["builder"], told["tries"]) == ("error", None, 0)
    assert [told["error"]["message"]] == error.errors


def test_a_builder_that_is_not_there(job: Job, cli):
    (cli.folder / "depot").unlink()

    result = job.run(TOKEN)

    assert (result.exit_code, result.summary) == (1, "")
    assert report(result)["result"] == "error"


def test_a_step_that_is_stopped_before_a_builder_starts(job: Job, cli):
    job.event = pull_request(fork=True)
    cli.docker_can("{}", "", before=[Step("sleep", 600)])
    running = job.start()
    until(lambda: cli.asked, "docker was not asked")
    running.signal(signal.SIGINT)

    result = job.checked(running.wait())

    assert result.summary == ""
    assert report(result)["result"] == "cancelled"


# What a runner masks


MASKED = "a_b*c<d>|e"
PIECES = re.compile(r"a_b|b\*c|c<d|c&lt;|d>|d&gt;|\|e")


def run_with_mask(job: Job, inputs: dict) -> Result:
    """A job in which an earlier step registered a secret that this step does not know."""
    runner = job.runner()
    runner.registered.append(MASKED)
    return job.checked(runner.start({"context": ".", **TOKEN, **inputs}).wait(120))


def test_a_mask_that_only_the_runner_knows_hides_it_in_a_failure(job: Job, cli):
    """The runner masks the file as it is written, line by line, so nothing in it may be escaped, cut or rewritten."""
    cli.does(
        Step(
            "out",
            "#4 [internal] load\n#4 DONE 0.0s\n\n"
            f"#5 [{MASKED} 1/3] RUN {MASKED}\n#5 DONE 2.0s\n\n"
            f"#6 [{MASKED} 2/3] RUN a`{MASKED}``b\n#6 0.1 ```\n#6 0.1 {MASKED}\tx\n#6 0.2 | {MASKED}`\n"
            f'#6 ERROR: process "{MASKED}" did not complete successfully: exit code: 1\n'
            f'ERROR: failed to solve: process "{MASKED}" did not complete successfully: exit code: 1\n',
        ),
        Step("leave", 1),
    )

    result = run_with_mask(job, {"target": MASKED, "labels": f"a={MASKED}"})

    assert not PIECES.search(result.summary)
    assert headings(result.summary)[0].startswith("❌ ```RUN a`***``b``` failed after ")
    assert blocks(result.summary)[0].splitlines()[:3] == ["```", "***\tx", "| ***`"]
    # The stage, the slowest steps and the inputs.
    assert result.summary.count("***") >= 8


def test_a_mask_that_only_the_runner_knows_hides_it_in_a_success(job: Job):
    result = run_with_mask(job, {"tags": f"acme/{MASKED}\nacme/app:{MASKED}", "platforms": MASKED, "target": MASKED})

    assert not PIECES.search(result.summary)
    assert headings(result.summary)[0].startswith("✅ `acme/***` built in ")
    assert "- `acme/app:***`\n" in result.summary


def test_a_mask_that_only_the_runner_knows_hides_it_in_a_fallback(job: Job, cli):
    cli.does(Step("only", "depot", [Step("out", f"ERROR: {MASKED}\n"), Step("leave", 1)]), *SUCCESS)

    result = run_with_mask(job, {"buildx-fallback": True, "target": MASKED})

    assert not PIECES.search(result.summary)
    assert "Depot did not build: `***" in result.summary


@pytest.mark.parametrize("name", ["RUN \033[31mred", "RUN \001x", "RUN x\tred", "RUN x\x7f", "RUN \xc2\x9bx"])
def test_a_name_with_control_characters_is_left_out(job: Job, cli, name):
    said = f"#5 [2/2] {name}\n#5 0.1 the last line\n#5 ERROR: exit code: 1\nERROR: failed to solve: exit code: 1\n"
    cli.does(Step("out", f"#4 [1/2] {name}\n#4 DONE 3.0s\n\n{said}".encode("latin-1")), Step("leave", 1))

    result = job.run(TOKEN)

    assert headings(result.summary)[0].startswith("❌ Build failed after ")
    assert "RUN" not in result.summary
    assert blocks(result.summary)[0].splitlines()[0] == "the last line"


def test_a_name_that_was_cut_ends_before_the_word_that_the_cut_is_in(job: Job, cli):
    words = "x" * 180 + f" {MASKED}{MASKED}"
    cli.does(Step("out", f"#5 [2/2] RUN {words}\n#5 ERROR: a\nERROR: failed to solve: a\n"), Step("leave", 1))

    result = run_with_mask(job, {"target": MASKED})

    assert not PIECES.search(result.summary)
    assert f"{'x' * 180}..." in result.summary
