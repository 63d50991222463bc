"""gen-connector: compiles a spec of a REST API into a typed, standalone connector package."""

__version__ = "0.1.0"
