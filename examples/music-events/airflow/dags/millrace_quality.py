"""What must hold after a day's run. A mistake fails the task, and with it the days after."""

from __future__ import annotations

import json
import shlex
import subprocess

import pendulum

from millrace_settings import COMMAND, MAX_DEAD_LETTERS, PROJECT, QUALITY_VIEWS


class QualityError(Exception):
    """A day's data are not as they must be."""


def _millrace(*arguments: str) -> str:
    # Should this task be ended, `run` kills the command: nothing is left behind.
    done = subprocess.run([*shlex.split(COMMAND), *arguments], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise QualityError(f"`millrace {' '.join(arguments)}` ended with exit code {done.returncode}; the reason is in the lines above")
    return done.stdout


def check_quality(begin: str, end: str) -> None:
    """The current generation holds everything received before `end`, its checks have run, its layers agree; few enough
    records of [begin, end) are dead letters; and the views answer for it, whole and not empty."""
    mistakes: list[str] = []

    plan = json.loads(_millrace("batch", "plan", "--cut-at", end, "--forward-only", "--json"))
    if not plan["unchanged"]:
        mistakes.append(f"generation {plan['parent']} does not hold everything received before {end}")
    generations = json.loads(_millrace("batch", "list", "--json"))
    if not generations:
        raise QualityError("there is no generation")
    current = generations[-1]
    print(f"generation {current['number']}: {len(current['checks'])} checks over {sum(check['rows'] for check in current['checks'])} rows passed")
    if not current["checks"] and current["contentOf"] is None:
        mistakes.append(f"generation {current['number']} was published without a check")
    mistakes += [f'"{view["view"]}" differs from the speed layer in {view["total"]} cells' for view in current["drift"] if view["status"] == "list"]

    from_ms, until_ms = (pendulum.parse(text).timestamp() * 1000 for text in (begin, end))
    lines = _millrace("dead-letters", "list", "--limit", "1000000000", "--json").splitlines()
    dead = sum(from_ms <= json.loads(line)["appendedAt"] < until_ms for line in lines)
    print(f"{dead} dead letters received in [{begin}, {end})")
    if dead > MAX_DEAD_LETTERS:
        mistakes.append(f"{dead} dead letters are more than {MAX_DEAD_LETTERS} (MILLRACE_MAX_DEAD_LETTERS)")

    for view in QUALITY_VIEWS:
        # Refused, with an exit code, unless it is whole.
        answer = json.loads(_millrace("query", view, "--from", begin, "--until", end, "--granularity", "all", "--json"))
        print(f"{view}: {len(answer['rows'])} rows, the first {json.dumps(answer['rows'][:1])}")
        if not answer["envelope"]["complete"] or not answer["rows"]:
            mistakes.append(f'"{view}" has no answer for [{begin}, {end})')

    if mistakes:
        raise QualityError("; ".join(mistakes))
