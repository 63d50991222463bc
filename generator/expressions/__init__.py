"""Expressions of specs, compiled to Python: over an answer, a request's values or a record."""

from generator.expressions.compiler import (
    compile_condition,
    compile_value,
    path_condition,
)

__all__ = ["compile_condition", "compile_value", "path_condition"]
