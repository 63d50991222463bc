"""Where the templates are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

import os

_HERE = os.path.dirname(os.path.abspath(__file__))
_INSTALLED = os.path.join(_HERE, "_templates")
_CHECKOUT = os.path.join(os.path.dirname(_HERE), "templates")

FOLDER = _INSTALLED if os.path.isdir(_INSTALLED) else _CHECKOUT
"""Absolute path of the template tree."""
