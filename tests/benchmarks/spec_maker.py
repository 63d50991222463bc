"""Makes specs of any size: resources with records of twelve fields, as people write them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

_NOUNS = ("invoice", "payment", "customer", "order", "shipment", "product", "refund")
_FACETS = ("draft", "open", "closed", "daily", "archived", "regional", "partner")


def spec(resources: int) -> str:
    """The spec as YAML text, with a schema for each resource."""
    names = [_name(index) for index in range(resources)]
    document = {
        "version": 1,
        "connector": "bench",
        "description": "A made-up system with many kinds of records.",
        "client": {
            "base_url": "https://api.example.com/v1",
            "auth": {
                "type": "oauth2",
                "token_url": "https://auth.example.com/token",
                "client_id": 'dlt.secrets["client_id"]',
                "client_secret": 'dlt.secrets["client_secret"]',
            },
            "paginator": {"type": "offset", "limit": 100},
        },
        "resource_defaults": {
            "primary_key": "id",
            "endpoint": {"data_selector": "data"},
        },
        "resources": [
            {
                "name": name,
                "description": f"All of the {name}.",
                "schema": f"#/definitions/{_model(name)}",
                "endpoint": {"path": f"/{name}"},
            }
            for name in names
        ],
        "definitions": {_model(name): _schema(name) for name in names},
    }
    return yaml.safe_dump(document, sort_keys=False, width=88)


def schemas(resources: int) -> str:
    """The same schemas as one JSON Schema document, for a generator of models."""
    names = [_name(index) for index in range(resources)]
    definitions = {_model(name): _schema(name) for name in names}
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": definitions,
        },
        indent=2,
    )


def _name(index: int) -> str:
    noun = _NOUNS[index % len(_NOUNS)]
    rest = index // len(_NOUNS)
    facet = _FACETS[rest % len(_FACETS)]
    number = rest // len(_FACETS)
    return f"{facet}_{noun}s" + (f"_{number}" if number else "")


def _model(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")) + "Record"


def _schema(name: str) -> dict[str, Any]:
    title = _model(name)
    return {
        "title": title,
        "type": "object",
        "description": f"One of the {name}.",
        "required": ["id", "status", "createdAt"],
        "properties": {
            "id": {"type": "string", "description": "Identifier."},
            "number": {"type": "integer", "description": "Number that people see."},
            "status": {
                "type": "string",
                "enum": ["new", "active", "closed"],
                "description": "State of it.",
            },
            "title": {"type": ["string", "null"], "description": "What it is about."},
            "ownerId": {"type": ["string", "null"], "description": "Who keeps it."},
            "amount": {"type": "number", "description": "Amount, in the currency."},
            "currency": {"type": "string", "description": "Currency, ISO 4217."},
            "isTest": {"type": "boolean", "description": "Whether it is for trials."},
            "tags": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Tags that users gave.",
            },
            "address": {
                "type": "object",
                "description": "Where it goes.",
                "properties": {
                    "city": {"type": "string", "description": "City or town."},
                    "zip": {"type": ["string", "null"], "description": "Postal code."},
                },
            },
            "createdAt": {
                "type": "string",
                "format": "date-time",
                "description": "When it was made.",
            },
            "updatedAt": {
                "type": ["string", "null"],
                "format": "date-time",
                "description": "When it was last changed.",
            },
        },
    }


def main(resources: int, spec_path: Path, schemas_path: Path) -> None:
    spec_path.write_text(spec(resources), encoding="utf-8")
    schemas_path.write_text(schemas(resources), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
