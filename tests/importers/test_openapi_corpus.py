"""The decisions about real documents, against what was judged by hand."""

from __future__ import annotations

import os

import pytest

from tests.importers.coverage_openapi import corpus, imported, scores

BAR = 0.9


@pytest.mark.skipif("GEN_CONNECTOR_WHOLE" not in os.environ, reason="`make coverage`")
def test_nine_of_ten_decisions_are_right() -> None:
    documents = corpus()
    if not documents:
        pytest.skip("GEN_CONNECTOR_CORPUS is not set")
    found = {each.name: imported(each, None) for each in documents}
    for kind, score in scores(found).items():
        assert score.precision >= BAR and score.recall >= BAR, (kind, score.wrong)
