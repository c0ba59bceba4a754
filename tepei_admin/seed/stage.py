"""Where the demo plays: its accounts, its hosts and region-direct units, and quotas that it invents.

The notice's table of places (附件1) is not to be had.
"""

from __future__ import annotations

from tepei_admin.choices import Role
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import Region, Trainee, Unit, User
from tepei_admin.permissions import Actor
from tepei_admin.seed.lists import PLACES
from tepei_admin.services import accounts, crud, programmes

PASSWORD = "demo-2019-tepei"
ACCOUNTS = (
    ("viewer", Role.VIEWER, "高娃", None),
    ("clerk", Role.CLERK, "包文静", "150400"),
    ("operator", Role.OPERATOR, "斯琴图雅", None),
    ("approver", Role.APPROVER, "敖志强", None),
    ("admin", Role.ADMIN, "那顺", None),
)
HOSTS = (
    ("H01", "北京师范大学", "110000"), ("H02", "中国农业大学", "110000"), ("H03", "中国医学科学院阜外医院", "110000"),
    ("H04", "中国科学院植物研究所", "110000"), ("H05", "复旦大学", "310000"), ("H06", "浙江大学", "330000"),
    ("H07", "东北师范大学", "220000"), ("H08", "华中科技大学同济医学院附属协和医院", "420000"),
    ("H21", "内蒙古大学", "150100"), ("H22", "内蒙古农业大学", "150100"), ("H23", "内蒙古师范大学", "150100"),
    ("H24", "内蒙古医科大学附属医院", "150100"), ("H25", "内蒙古科技大学", "150200"),
)  # fmt: skip
WITHOUT_ACCOUNT = frozenset({"H06", "H25"})
"""Hosts whose bank account nobody has asked for yet."""
DIRECT = (
    ("Q01", "内蒙古自治区人民医院", "region"),
    ("Q02", "内蒙古自治区农牧业科学院", "region"),
    ("Q03", "内蒙古自治区水文局赤峰分局", "branch"),
)
# Places outside and inside by reporting place, in the order of the codes; 38 + 2 direct, and 40.
OUTSIDE = dict(zip(PLACES, (4, 3, 1, 4, 4, 3, 3, 1, 3, 3, 3, 3, 1, 2), strict=True)) | {"Q01": 1, "Q02": 1}
INSIDE = dict(zip(PLACES, (4, 3, 1, 5, 5, 2, 4, 1, 3, 4, 3, 3, 1, 1), strict=True))


def empty_house() -> Actor:
    """The command line's actor, who sets all up. Raises `RuleViolation` where there is somebody already."""
    ensure(not Trainee.select().exists(), "demo.not_empty")
    names = [name for name, *_ in ACCOUNTS]
    taken = [row[0] for row in User.select(User.username).where(among(User.username, names)).tuples()]
    if taken:
        raise RuleViolation(Violation("demo.accounts_taken", params={"names": "、".join(taken)}))
    return accounts.cli_actor()


def build(cli: Actor) -> None:
    """Accounts, units, quotas of 2019."""
    for username, role, name, unit in ACCOUNTS:
        accounts.add(cli, username, role.value, password=PASSWORD, name=name, unit=unit)
    regions = dict(Region.select(Region.code, Region.id).tuples())
    for index, (code, name, region) in enumerate(HOSTS):
        crud.create(cli, Unit, _host(index, code, name, regions[region]))
    for code, name, level in DIRECT:
        region = regions["150400" if level == "branch" else "150000"]
        crud.create(
            cli, Unit, {"code": code, "name": name, "sending": True, "level": level, "region": region}
        )
    table: dict[str, dict[str, int | None]] = {code: {"outside": places} for code, places in OUTSIDE.items()}
    for code, places in INSIDE.items():
        table[code]["inside"] = places
    programmes.set_quotas(cli, 2019, table)


def _host(index: int, code: str, name: str, region: int) -> dict[str, object]:
    row: dict[str, object] = {"code": code, "name": name, "host": True, "region": region}
    if code not in WITHOUT_ACCOUNT:
        row |= {
            "bank_name": "中国工商银行",
            "bank_account": f"0200{10**11 + 7919 * index:012d}",
            "bank_holder": name,
        }
    return row
