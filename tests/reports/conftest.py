"""What several tests of pages share."""

import pytest
from browser import Browser


@pytest.fixture(scope="module")
def browser():
    made = Browser()
    yield made
    made.close()
