"""What stands in dlt's place: functions that write down what they are given."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import types
from typing import Any, Callable, Dict, Iterator, List, Optional

from . import frames
from .encoding import ARGUMENTS, Encoder, TooLarge, describe
from .kinds import is_mapping, is_sequence
from .nothing import Nothing, Pipeline
from .sink import Sink
from .stubs import Stubs, arguments

_MOST = 1_000
"""Configurations of a module."""


class Recorder:
    """Writes configurations, and what is done with the sources that they give."""

    def __init__(self, sink: Sink, stubs: Stubs) -> None:
        self.sink = sink
        self.stubs = stubs
        self.count = 0
        self.sources: List[SourceFunction] = []
        """Functions that @dlt.source decorates, in their order."""
        self.running: List[SourceFunction] = []
        setup: Any = importlib.import_module("dlt.sources.rest_api.config_setup")
        self.setup = setup
        self._builtin = {id(cls) for cls in setup.PAGINATOR_MAP.values()}
        self._builtin |= {id(cls) for cls in setup.AUTH_MAP.values()}

    def encode(self, value: Any) -> Any:
        maps = self.setup.PAGINATOR_MAP, self.setup.AUTH_MAP
        builtin = ({k: v for k, v in m.items() if id(v) in self._builtin} for m in maps)
        return Encoder(*builtin).encode(value)

    def config(self, config: Any, options: Dict[str, Any]) -> "Source":
        """Writes one down and gives what stands for its source."""
        number = self.count
        self.count += 1
        names = _names(config)
        if number >= _MOST:
            return Source(self, number, names)
        running = self.running[-1] if self.running else None
        registered: Dict[str, Any] = {}
        for kind, classes in (
            ("paginator", self.setup.PAGINATOR_MAP),
            ("auth", self.setup.AUTH_MAP),
        ):
            own = {k: v for k, v in classes.items() if v and id(v) not in self._builtin}
            registered[kind] = {name: describe(cls) for name, cls in own.items()}
        try:
            self.sink.write(
                "config",
                number=number,
                place=frames.place(),
                name=running.name if running else "",
                config=self.encode(config),
                options=self.encode(
                    {**(running.options if running else {}), **options}
                ),
                registered=registered,
            )
        except TooLarge as error:
            self.problem(error)
        return Source(self, number, names)

    def call(
        self, config: int, resource: str, method: str, args: Any, kwargs: Any
    ) -> None:
        """Something that the module does with a source or resource."""
        self.sink.write(
            "call",
            number=config,
            resource=resource,
            method=method,
            arguments=[self.encode(each) for each in args],
            named={str(key): self.encode(each) for key, each in kwargs.items()},
            place=frames.place(),
        )

    def problem(self, error: BaseException, where: str = "") -> None:
        """An exception, with the line of the user's code that it comes from."""
        place: List[object] = ["", 0]
        trace = error.__traceback__
        while trace is not None:
            if frames.is_users(trace.tb_frame.f_code.co_filename):
                place = [trace.tb_frame.f_code.co_filename, trace.tb_lineno]
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and error.filename:
            place = [error.filename, error.lineno or 0]
        try:
            text = str(error)[:500]
        except Exception:
            text = ""
        self.sink.write(
            "problem", type=type(error).__name__, text=text, place=place, source=where
        )


def _names(config: Any) -> List[str]:
    found: List[str] = []
    listed: Any = config.get("resources") if is_mapping(config) else None
    for each in listed if is_sequence(listed) else ():
        name: Any = each.get("name") if is_mapping(each) else each
        name = name if isinstance(name, str) else getattr(name, "name", None)
        if isinstance(name, str):
            found.append(str(name))
    return found


class Resource:
    """Stands for one resource of a configuration."""

    def __init__(self, recorder: Recorder, config: int, name: str) -> None:
        self.__dict__.update(_recorder=recorder, _config=config, name=name)

    def __getattr__(self, method: str) -> Any:
        if method.startswith("__"):
            raise AttributeError(method)

        def called(*args: Any, **kwargs: Any) -> Any:
            self._recorder.call(self._config, self.name, method, args, kwargs)
            return self

        return called

    def __setattr__(self, name: str, value: Any) -> None:
        self._recorder.call(self._config, self.name, f"{name} =", [value], {})

    def __or__(self, other: Any) -> Any:
        self._recorder.call(self._config, self.name, "|", [other], {})
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __call__(self, *args: object, **kwargs: object) -> Any:
        del args, kwargs
        return self


class Resources(Dict[str, Resource]):
    """The resources of a source by name, and what is done with all of them."""

    selected: Any = None

    def __missing__(self, name: str) -> Any:
        return Nothing()


class Source:
    """Stands for the source that a configuration gives."""

    def __init__(self, recorder: Recorder, config: int, names: List[str]) -> None:
        made = {name: Resource(recorder, config, name) for name in names}
        resources = Resources(made)
        self.__dict__.update(
            _recorder=recorder,
            _config=config,
            resources=resources,
            selected_resources=resources,
            name="",
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        resources: Dict[str, Resource] = self.__dict__["resources"]
        if name in resources:
            return resources[name]

        def called(*args: Any, **kwargs: Any) -> Any:
            self._recorder.call(self._config, "", name, args, kwargs)
            return self

        return called

    def __setattr__(self, name: str, value: Any) -> None:
        self._recorder.call(self._config, "", f"{name} =", [value], {})

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__dict__["resources"].values())


class SourceFunction:
    """Stands for a function that @dlt.source decorates."""

    is_source_function = True

    def __init__(
        self, recorder: Recorder, function: Callable[..., Any], options: Dict[str, Any]
    ) -> None:
        functools.update_wrapper(self, function)
        self._recorder = recorder
        self.function = function
        self.options = options
        self.name = str(options.get("name") or getattr(function, "__name__", ""))
        self.called = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        recorder = self._recorder
        self.called = True
        first = recorder.count
        recorder.running.append(self)
        given: Any = None
        extra: List[Any] = []
        try:
            args, kwargs = arguments(recorder.stubs, self.function, args, kwargs)
            given = self.function(*args, **kwargs)
            extra = [*_own_resources(given)]
        finally:
            recorder.running.pop()
        if recorder.count == first:
            return Nothing()
        for each in extra:
            name = getattr(each, "name", None) or getattr(each, "__name__", "")
            recorder.call(recorder.count - 1, str(name), "+", [each], {})
        if isinstance(given, Source):
            return given
        resources = [each for each in extra if isinstance(each, Resource)]
        return Source(recorder, recorder.count - 1, [each.name for each in resources])

    def clone(self, **options: Any) -> Any:
        """As of dlt's own."""
        made = SourceFunction(
            self._recorder, self.function, {**self.options, **options}
        )
        self._recorder.sources.append(made)
        return made

    with_args = clone


def _own_resources(given: Any) -> Iterator[Any]:
    """What a source gives besides the resources of a configuration."""
    if inspect.isgenerator(given) or is_sequence(given):
        for number, each in enumerate(given):
            if is_sequence(each):
                yield from _own_resources(each)
            elif not isinstance(each, (Resource, Source, Nothing)):
                yield each
            if number > 1_000:
                return


def install(recorder: Recorder, dlt: Any) -> None:
    """Puts the recorders in dlt's place, under every name that they are imported by."""

    def rest_api_source(config: Any, *args: Any, **kwargs: Any) -> Any:
        names = tuple("""
            name section max_table_nesting root_key schema schema_contract parallelized
            """.split())
        return recorder.config(config, {**dict(zip(names, args)), **kwargs})

    def rest_api_resources(config: Any) -> Any:
        return list(recorder.config(config, {}))

    def rest_api(
        client: Any = None, resources: Any = None, resource_defaults: Any = None
    ) -> Any:
        config = {"client": client, "resources": resources}
        if resource_defaults is not None:
            config["resource_defaults"] = resource_defaults
        return recorder.config(config, {})

    def source(function: Optional[Callable[..., Any]] = None, **options: Any) -> Any:
        def decorate(decorated: Callable[..., Any]) -> Any:
            made = SourceFunction(recorder, decorated, options)
            recorder.sources.append(made)
            return made

        return decorate if function is None else decorate(function)

    def pipeline(*args: object, **kwargs: object) -> Any:
        del args, kwargs
        return Pipeline()

    def run(data: Any = None, *args: object, **kwargs: object) -> Any:
        return Pipeline().run(data, *args, **kwargs)

    def check_connection(*args: object, **kwargs: object) -> Any:
        del args, kwargs
        return True, ""

    functions: Dict[str, Any] = {
        "rest_api_source": rest_api_source,
        "rest_api_resources": rest_api_resources,
        "rest_api": _Clonable(rest_api),
        "check_connection": check_connection,
    }
    module: Any = importlib.import_module("dlt.sources.rest_api")
    _replace(module, functions)
    _copied(functions)
    for name in ("dlt", "dlt.extract", "dlt.extract.decorators"):
        _replace(importlib.import_module(name), {"source": source})
    running = {"pipeline": pipeline, "run": run, "attach": pipeline}
    for name in ("dlt", "dlt.pipeline"):
        _replace(importlib.import_module(name), {**running, "Pipeline": Pipeline})
    _remember_arguments(recorder.setup)


class _Clonable:
    """`rest_api`, which is a source itself: `rest_api.clone(...)`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    def clone(self, **options: object) -> Any:
        del options
        return self

    with_args = clone


def _replace(module: Any, functions: Dict[str, Any]) -> None:
    for name, function in functions.items():
        if hasattr(module, name):
            setattr(module, name, function)


def _copied(functions: Dict[str, Any]) -> None:
    """Early dlt copied `rest_api` into the user's folder: such a copy is dlt's own, too."""
    finder = importlib.import_module("importlib.util")
    try:
        found = finder.find_spec("rest_api")
    except (ImportError, ValueError):
        return
    if found is not None and not found.submodule_search_locations:
        return  # a module of the user's that happens to have this name
    real: Any = importlib.import_module("dlt.sources.rest_api")
    copy = types.ModuleType("rest_api")
    copy.__dict__.update(real.__dict__)
    copy.__dict__.update(functions)
    sys.modules["rest_api"] = copy
    for inner in ("typing", "config_setup", "utils"):
        name = f"dlt.sources.rest_api.{inner}"
        sys.modules[f"rest_api.{inner}"] = importlib.import_module(name)


def _remember_arguments(setup: Any) -> None:
    """Instances of dlt's paginators keep the arguments that they were made with."""
    module: Any = importlib.import_module("dlt.sources.helpers.rest_client.paginators")
    classes: List[Any] = [each for each in setup.PAGINATOR_MAP.values() if each]
    deprecated: Any = getattr(module, "JSONResponsePaginator", None)
    for cls in [*dict.fromkeys(classes), *([deprecated] if deprecated else [])]:
        if "__init__" in vars(cls):
            cls.__init__ = _remembering(cls.__init__)


def _remembering(original: Any) -> Any:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def initialize(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        bound = signature.bind(self, *args, **kwargs)
        given = dict(list(bound.arguments.items())[1:])
        self.__dict__[ARGUMENTS] = given

    return initialize
