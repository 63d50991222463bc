"""Loopback HTTP API that behaves as a spec says, for demos and offline tests of connectors."""

from generator.practice.application import Seen
from generator.practice.options import Options
from generator.practice.server import PracticeServer, serve_forever

__all__ = ["Options", "PracticeServer", "Seen", "serve_forever"]
