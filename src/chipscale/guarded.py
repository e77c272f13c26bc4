"""Run a verb of the command line: exit codes and plain words for every way it may end."""

from __future__ import annotations

import json as jsonlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from chipscale.errors import ChipscaleError, InputError, Problem

OUR_BUG = 70
TERMINATED = 143  # 128 + SIGTERM, as shells have it


def guarded(verb: Callable[..., int]) -> Callable[..., None]:
    """Turn the verb's return value and our exceptions into exit codes; never show a traceback for a user's mistake."""

    @wraps(verb)
    def run(*args: Any, as_json: bool, **kwargs: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            before = signal.signal(signal.SIGTERM, _stop)
            click.get_current_context().call_on_close(lambda: signal.signal(signal.SIGTERM, before))
        try:
            code = verb(*args, as_json=as_json, **kwargs)
        except _Terminated:
            click.echo("\nterminated; nothing half-written was left behind", err=True)
            code = TERMINATED
        except InputError as error:
            _say_problems(error, as_json)
            code = error.exit_code
        except ChipscaleError as error:
            click.echo(f"error: {error}", err=True)
            code = error.exit_code
        except BrokenPipeError:  # the reader of our output (head, less) has left
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  nothing more is said
            code = 0
        except OSError as error:
            _say_problems(InputError([_not_written(error)]), as_json)
            code = InputError.exit_code
        except KeyboardInterrupt:
            click.echo("\ninterrupted; nothing half-written was left behind", err=True)
            code = 130
        except Exception as error:
            click.echo(f"internal error: {type(error).__name__}: {error}", err=True)
            if os.environ.get("CHIPSCALE_DEBUG"):
                traceback.print_exc()
            else:
                click.echo("this is a bug of chipscale; set CHIPSCALE_DEBUG=1 to see where", err=True)
            code = OUR_BUG
        sys.exit(code)

    return run


class _Terminated(BaseException):
    """The system asked us to end: what is half-written is removed on the way out."""


def _stop(number: int, frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not stop the cleaning
    raise _Terminated


def _not_written(error: OSError) -> Problem:
    """Say which file could not be read or written, and why, in the operating system's own words."""
    place = error.filename2 or error.filename or ""
    why = error.strerror or str(error)
    return Problem("file.system", why, str(place), remedy="check name, permissions and free space; --out names another")


def _say_problems(error: InputError, as_json: bool) -> None:
    if as_json:
        say_json({"ok": False, "problems": [problem.as_dict() for problem in error.problems]})
        return
    count = len(error.problems)
    click.echo(f"{count} problem{'s' if count != 1 else ''} in the input:", err=True)
    for problem in error.problems:
        click.echo(f"  {problem}", err=True)


def say_json(data: object) -> None:
    """Print plain data as JSON, numbers finite."""
    click.echo(jsonlib.dumps(data, indent=2, sort_keys=True, allow_nan=False))
