"""The panel and its browsers, as the tests of the pages and those in Chromium have them."""

from tests.browser.conftest import chromium  # noqa: F401
from tests.views.conftest import (  # noqa: F401
    _cheap_passwords,
    admin,
    app,
    client_as,
    nobody,
    sqlite_admin,
    sqlite_app,
)  # fmt: skip
