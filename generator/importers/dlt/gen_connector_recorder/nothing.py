"""What stands for pipelines and whatever they give back: everything can be done with it, and nothing happens."""

from __future__ import annotations

import inspect
from typing import Any, Iterator

from .kinds import is_sequence


class Nothing:
    """Every attribute, item and call gives the same object again; it is empty and false."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        del args, kwargs

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **kwargs: object) -> Any:
        del args, kwargs
        return self

    def __getitem__(self, key: object) -> Any:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *problem: object) -> None:
        del problem

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __int__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __str__(self) -> str:
        return ""

    def __format__(self, form: str) -> str:
        return ""


class Pipeline(Nothing):
    """What is run by it is looked at, no more: sources that are functions are called."""

    def run(self, data: Any = None, *args: object, **kwargs: object) -> Any:
        del args, kwargs
        touch(data)
        return Nothing()

    extract = run


def touch(data: Any) -> None:
    """Calls and iterates what a pipeline would call and iterate."""
    if getattr(data, "is_source_function", False) is True:
        data()
    elif inspect.isgenerator(data):
        for number, each in enumerate(data):
            touch(each)
            if number > 1_000:
                break
    elif is_sequence(data):
        for each in data:
            touch(each)
