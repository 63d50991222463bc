"""The whole way from a spec to a package, stage by stage: read this file first.

    load       YAML and schema files, with the position of every node     document.py
    validate   plain data to the models of the language                   validation.py, spec/
    schemas    JSON Schemas to one normal form; record names are decided  schema.py, naming.py
    lower      what the spec means, cross-checked; expressions compiled   lowering/, expressions/
    models     record models by the model library                         records.py
    render     templates print the pieces of code                         views/, rendering.py
    gate       nothing but allowed code leaves                            contract.py

`generate` touches no disk. Writing a package is in output.py, the commands are in cli.py.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from generator.diagnostics import Collector, Location, SpecError
from generator.document import Bundle, load
from generator.package import HOOKS, Package, digest


def compile_spec(path: Path) -> Package:
    """The package of a spec file. Raises SpecError with every problem that was found."""
    collector = Collector()
    with _without_collection():
        bundle = load(path, collector)
        if bundle is None:
            raise SpecError(collector.sorted())
        return generate(bundle, collector)


def generate(bundle: Bundle, collector: Collector | None = None) -> Package:
    """The package of a loaded spec; the same bundle gives the same bytes.

    Raises SpecError, with the texts of the inputs, after the first stage that finds errors.
    """
    collector = Collector() if collector is None else collector
    try:
        return _stages(bundle, collector)
    except SpecError as error:
        raise SpecError(error.diagnostics, bundle.sources) from None


def _stages(bundle: Bundle, collector: Collector) -> Package:
    from generator import contract, lowering, records, rendering, schema, validation
    from generator.silence import apply_silence
    from generator.views.common import models_header

    document = bundle.spec
    spec = validation.validate(document, collector)
    schemas = schema.build(bundle, collector)
    apply_silence(document, collector)
    stem = PurePath(document.file).stem
    if spec is None:
        rest = validation.sound(document)
        if rest is not None:
            lowering.check(document, *rest, schemas, stem, collector)
        raise SpecError(collector.sorted())
    collector.barrier()
    connector = lowering.lower(document, spec, schemas, stem, collector)
    collector.barrier()
    models = records.models_module(
        schemas,
        collector,
        header=models_header(connector),
        remembering=frozenset(
            each.model for each in connector.resources if each.remembers
        ),
    )
    collector.barrier()
    files = rendering.render(connector, models)
    hooks = rendering.hooks_module(connector)
    for path, text in [*files.items(), (HOOKS, hooks)]:
        if path.endswith(".py"):
            for problem in contract.check(path, text):
                collector.error(Location(document.file), "contract", problem)
    collector.barrier()
    return Package(
        name=connector.name,
        files=files,
        resources=tuple(each.name for each in connector.resources),
        hooks=tuple(each.name for each in connector.hooks),
        hooks_module=hooks,
        warnings=collector.sorted(),
        inputs=_inputs(bundle),
        sources=bundle.sources,
    )


def _inputs(bundle: Bundle) -> dict[str, str]:
    """The digest of each input, by its path below the spec's folder."""
    spec = bundle.spec
    texts = {PurePath(spec.file).name: spec.text}
    texts.update({name: each.text for name, each in bundle.files.items()})
    return {name: digest(text.encode()) for name, text in texts.items()}


def language_schema() -> dict[str, Any]:
    """The JSON Schema of the spec language, for editors."""
    from generator.spec.schema import language_schema as made

    return made()


@contextmanager
def _without_collection() -> Generator[None]:
    """Compiling makes many objects and drops few: the garbage collector only costs time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
