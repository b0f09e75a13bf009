"""Uploaded files of tests lie in a folder of the run."""

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(scope="session", autouse=True)
def files_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with override_settings(FILES_ROOT=tmp_path_factory.mktemp("files")):
        yield
