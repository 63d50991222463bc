"""Airbyte's runtime and imported connectors against the same server."""
