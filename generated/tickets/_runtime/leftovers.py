"""What a kill leaves between two steps of dlt, with which dlt refuses to go on."""

from __future__ import annotations

import logging
from pathlib import Path
from shutil import rmtree

import dlt

logger = logging.getLogger(__name__)


def put_away(pipeline: dlt.Pipeline) -> bool:
    """Ends what dlt had done but for its last step; whether there was anything.

    A package is normalized or loaded once it has been renamed or noted, so what is left to do is
    what dlt does next: it deletes the one that was read, and moves the one that was loaded.
    """
    folder = Path(pipeline.working_dir)
    normalized, read = folder / "load" / "normalized", folder / "normalize"
    found = False
    for load_id in pipeline.list_normalized_load_packages():
        if (package := read / "extracted" / load_id).exists():
            rmtree(package)
            found = True
        if (normalized / load_id / "package_completed.json").exists():
            (normalized / load_id).rename(folder / "load" / "loaded" / load_id)
            found = True
    for draft in (folder / "schemas").glob("*"):
        if "." not in draft.name and draft.is_file():  # not yet renamed
            draft.unlink()
            found = True
    if found:
        logger.warning("%s: a run that was killed is tidied up", pipeline.pipeline_name)
    return found
