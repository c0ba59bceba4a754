"""Certificates: one PDF of a year's, and the check page's answer. (`certificates issue` is `do certify`.)"""

from __future__ import annotations

from typing import Any

from tepei_admin.cli.printing import show, write_file
from tepei_admin.config import Config
from tepei_admin.database import among
from tepei_admin.models import Certificate, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.services import programmes, scope, verification

HERE = "http://127.0.0.1:5000"
"""Where the check page is while TEPEI_BASE_URL says nothing else."""


def certificates_pdf(options: Any, actor: Actor) -> None:
    """The valid certificates of the year, or of the people named, by number, in one file."""
    from tepei_admin.exchange import papers

    programme = programmes.find(options.programme)
    query = scope.visible(actor, Trainee).where(Trainee.programme == programme.id)
    if options.id:
        query = query.where(among(Trainee.id, options.id))
    people = [row[0] for row in query.select(Trainee.id).tuples()]
    found = papers.certificates_of(actor, people, Config.from_env().base_url or HERE)
    write_file(options.output, b"".join(found.chunks))
    count = (
        Certificate.select().where(among(Certificate.trainee, people), Certificate.state == "issued").count()
    )
    print(f"已写出 {count} 份证书：{options.output}")


def certificates_verify(options: Any, actor: Actor) -> int:
    """Exit status 1 for a certificate that is not valid, and for one there is none of."""
    found = verification.check(options.number, options.code)
    if options.json:
        known = (
            {"number": found.number, "name": found.name, "year": found.year, "track": found.track}
            if found
            else {}
        )
        state = found.state.value if found else "unknown"
        show({"valid": bool(found and found.valid), "state": state, **known})
    elif found is None:
        print("没有查到：编号或查验码不正确")
    else:
        print(f"{found.number}：{found.state.label}，{found.name}，{found.year} 年度{found.track}")
    return 0 if found and found.valid else 1
