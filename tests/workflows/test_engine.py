"""What docs/engine.md says about the workflow engine is true: each test shows one difference from GitHub's runner.

If a test fails here after another version of act is pinned, the engine has become more like the runner. Correct the
page, and test with the engine what it can now show.
"""

from __future__ import annotations

import pytest

from world.events import push

HEAD = """\
name: Probe
on: {{push: {{branches: [another]}}}}
permissions: {permissions}
jobs:
  probe:
    runs-on: ubuntu-latest
    steps:
"""


@pytest.fixture
def probe(repository, tmp_path):
    """Runs these steps, each a block of YAML."""

    def run(*steps: str, permissions: str = "{}"):
        workflow = tmp_path / "probe.yml"
        workflow.write_text(HEAD.format(permissions=permissions) + "".join(f"      - {step}\n" for step in steps))
        result = repository.run(workflow, push())
        assert result.exit_code == 0, result.log
        return result

    return run


def script(*lines: str) -> str:
    return "run: |\n" + "\n".join(f"          {line}" for line in lines)


# What it passes on


def test_a_checkout_is_a_copy_of_the_commit(probe, repository):
    repository.write("file", "committed\n")

    result = probe("uses: actions/checkout@v4", script("cat file", "git rev-parse HEAD"))

    assert result.printed == ["committed", repository.hosted.oidc.sha]


def test_the_filters_of_a_trigger_are_not_looked_at(probe):
    assert probe(script("echo ran")).printed == ["ran"]


def test_an_identity_is_given_by_us_and_only_with_the_permission(probe):
    asks = script('echo "${ACTIONS_ID_TOKEN_REQUEST_URL:-none}"')

    (without,) = probe(asks).printed
    (with_,) = probe(asks, permissions="{id-token: write}").printed

    assert without == "none"
    assert with_.startswith("http://127.0.0.1:")


def test_a_run_step_has_no_access_to_the_cache_service(probe):
    names = ("ACTIONS_RUNTIME_TOKEN", "ACTIONS_CACHE_URL", "ACTIONS_RESULTS_URL")

    assert probe(script(*(f'echo "${{{name}:-none}}"' for name in names))).printed == ["none"] * len(names)


ACTION = """\
name: Probe
description: Shows its inputs.
inputs:
  an-input: {description: One., default: given}
runs:
  using: composite
  steps:
    - {shell: bash, run: "echo bash $(env | grep ^INPUT)"}
    - {shell: "dash {0}", run: "echo dash $(env | grep ^INPUT)"}
"""


def test_a_composite_action_has_its_inputs_as_variables_which_sh_drops(probe, repository):
    """GitHub's runner sets none. With `shell: sh`, the action sees the same as it sees there."""
    repository.write(".github/probe/action.yml", ACTION)

    result = probe("uses: actions/checkout@v4", "uses: ./.github/probe")

    assert result.printed == ["bash INPUT_AN-INPUT=given", "dash"]


# How it reads a step's output


def test_a_step_writes_to_a_terminal(probe):
    assert probe(script("test -t 1 && test -t 2 && echo terminal")).printed == ["terminal"]


def test_only_a_command_that_begins_its_line_is_obeyed(probe):
    """GitHub's runner obeys these as well."""
    lines = ("echo '  ::warning::indented'", "echo 'text ##[error]inside'", r"printf 'x\r::error::return\n'")

    assert probe(script(*lines)).annotations == []


def test_stop_commands_stops_the_commands_that_it_knows(probe):
    commands = ("stop-commands::resume-here", "error::no", "resume-here::", "error::yes")

    assert probe(script(*(f"echo ::{command}" for command in commands))).messages("error") == ["yes"]


def test_a_mask_of_several_lines_hides_none_of_them(probe):
    """GitHub's runner hides each line."""
    result = probe(script("echo ::add-mask::one%0Atwo", "echo ::add-mask::three", "echo one; echo three"))

    assert result.printed == ["one", "***"]


def test_a_summary_has_no_limit(probe):
    result = probe(script('head -c 1100000 /dev/zero | tr "\\0" x > "$GITHUB_STEP_SUMMARY"'))

    assert [len(summary) for summary in result.summaries] == [1100000]
