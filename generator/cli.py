"""The commands: options in, exit codes out (0 done, 1 diagnostics, 2 usage, 3 out of date)."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, NoReturn, cast

import click

from generator import __version__
from generator.diagnostics import nearest, shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Format = Literal["text", "json"]
Mode = Literal["write", "check", "stdout"]

_ELSEWHERE = {
    "import": "generator.importers.command",
    "probe": "generator.importers.probe.command",
}
"""Commands with a module of their own, which is read when the command is used."""


class _Commands(click.Group):
    """A group where a word that is no command is a spec: `generate` is the default."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*ctx.help_option_names, "--version"}
        commands = self.list_commands(ctx)
        if args and args[0] not in {*commands, *own}:
            if not args[0].startswith("-") and not os.path.exists(args[0]):
                if not ctx.resilient_parsing:
                    ctx.fail(_unknown(args[0], commands))
            args = ["generate", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _ELSEWHERE:
            found: click.Command = import_module(_ELSEWHERE[cmd_name]).command
            return found
        return super().get_command(ctx, cmd_name)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One screen: the short form with its options, then the commands."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        options = [*self.commands["generate"].params[1:], *self.get_params(ctx)]
        with formatter.section("Options"):
            formatter.write_dl(
                [record for each in options if (record := each.get_help_record(ctx))]
            )
        self.format_commands(ctx, formatter)

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        commands = super().shell_complete(ctx, incomplete)
        return [*commands, CompletionItem(incomplete, type="file")]


def _unknown(word: str, commands: Iterable[str]) -> str:
    folder = os.path.dirname(word)
    try:
        names = sorted(os.listdir(folder or "."))[:1000]
    except (OSError, ValueError):
        names = []
    known = [*commands, *(os.path.join(folder, name) for name in names)]
    hint = nearest(word, known)
    return f"{shown(word)} is neither a command nor a file" + (hint and f"; {hint}")


_SPECS = click.argument(
    "specs", metavar="SPEC...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
_STRICT = click.option("--strict", is_flag=True, help="Treat warnings as errors.")
_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How problems and results are printed.",
)


@click.group(
    cls=_Commands,
    options_metavar="SPEC... [OPTIONS]",
    subcommand_metavar="| COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.version_option(__version__, prog_name="gen-connector")
def cli() -> None:
    """Compiles specs of REST APIs into typed Python connector packages."""


@cli.command()
@_SPECS
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="generated",
    metavar="DIR",
    help="Folder of the packages (default: generated).",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 3 and print a diff.")
@click.option("--stdout", is_flag=True, help="Write nothing; print every file.")
@click.option("--force", is_flag=True, help="Overwrite files changed by hand.")
@_STRICT
@_FORMAT
def generate(
    specs: tuple[Path, ...],
    output: Path,
    check: bool,
    stdout: bool,
    force: bool,
    strict: bool,
    form: Format,
) -> int:
    """Compile specs into packages; the default command."""
    from generator import run

    if stdout and (check or form == "json"):
        raise click.UsageError("--stdout goes with neither --check nor --format json")
    mode: Mode = "check" if check else "stdout" if stdout else "write"
    return run.generate(specs, run.Options(output, mode, force, strict, form))


@cli.command()
@_SPECS
@_STRICT
@_FORMAT
def lint(specs: tuple[Path, ...], strict: bool, form: Format) -> int:
    """Report what is wrong or suspicious in specs."""
    from generator import run

    return run.generate(specs, run.Options(Path(), "lint", False, strict, form))


@cli.command()
def schema() -> None:
    """Print the JSON Schema of specs, for editors."""
    from generator import pipeline

    click.echo(json.dumps(pipeline.language_schema(), indent=2))


@cli.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--records",
    type=click.IntRange(0, 1_000_000),
    default=250,
    show_default=True,
    help="Records of each resource.",
)
@click.option("--seed", type=int, default=0, help="The same seed, the same records.")
@click.option(
    "--latency", type=click.FloatRange(0, 60), default=0.0, help="Seconds per answer."
)
@click.option(
    "--rate-limit",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Every Nth request is answered with 429.",
)
@click.option(
    "--fail-rate",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Share of requests that is answered with a 5xx.",
)
@click.option(
    "--token-lifetime",
    type=click.FloatRange(0, min_open=True),
    default=3600.0,
    help="Seconds until a token expires.",
)
def serve(
    spec: Path,
    port: int,
    records: int,
    seed: int,
    latency: float,
    rate_limit: int,
    fail_rate: float,
    token_lifetime: float,
) -> int:
    """Run a practice API that behaves as a spec says."""
    from generator import practice, run

    options = practice.Options(
        records=records,
        seed=seed,
        latency=latency,
        rate_limit_every=rate_limit,
        fail_rate=fail_rate,
        token_lifetime=token_lifetime,
    )
    return run.serve(spec, options, port)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    name, variable = "gen-connector", "_GEN_CONNECTOR_COMPLETE"
    click.echo(kind(cli, {}, name, variable).source())


def main() -> NoReturn:
    """The command line; ends the process."""
    # Packages that happen to be installed must not take part in validation.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    # What is printed must not depend on the locale.
    cast("io.TextIOWrapper[BinaryIO]", sys.stdout).reconfigure(
        encoding="utf-8", errors="backslashreplace"
    )
    sys.exit(_run())


def _run() -> int:
    try:
        code = cli.main(prog_name="gen-connector", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code or 0
