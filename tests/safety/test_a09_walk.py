"""A9, the walk: every page of the table of permissions has something to show, and deleting asks first on each."""

from __future__ import annotations

import re

from tests.safety.digest import digest
from tests.safety.pages import LEADS, furnish
from tests.safety.test_a01_routes import written


def test_every_page_of_the_table_can_be_looked_at(sqlite_house, sqlite_admin, tmp_path) -> None:
    """So that a walk over these addresses leaves none out: what it may see, an administrator is shown."""
    addresses, letters = furnish(sqlite_house, tmp_path), written()
    odd = {}
    for rule, address in addresses.items():
        status = sqlite_admin.get(address).status_code
        wanted = 302 if rule in LEADS else 200 if "A" in letters[rule, "GET"] else 403
        odd |= {} if status == wanted else {rule: (address, status)}
    assert odd == {} and len(addresses) > 180


def test_deleting_asks_first_on_every_page(house, admin, tmp_path) -> None:
    """What deletes is behind a page of its own, or folded away behind a word that opens it; a look deletes nothing."""
    addresses = furnish(house, tmp_path)
    before, asked = digest(), []
    for rule, address in addresses.items():
        answer = admin.get(address)
        if rule.endswith("/delete"):
            asked += [rule] if answer.status_code == 200 else []
            continue
        if answer.mimetype != "text/html":
            continue
        folded = re.sub(r"<details[^>]*>.*?</details>", "", answer.text, flags=re.DOTALL)
        found = re.findall(r'(?:form)?action="([^"]*/(?:delete|remove))"', folded)
        assert found == [], (rule, found)
    assert digest() == before and len(asked) > 5
