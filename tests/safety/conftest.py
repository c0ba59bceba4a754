"""The panel and its browsers, as the tests of the pages have them."""

from tests.views.conftest import (  # noqa: F401
    _cheap_passwords,
    admin,
    app,
    client_as,
    nobody,
    sqlite_admin,
    sqlite_app,
)  # fmt: skip
