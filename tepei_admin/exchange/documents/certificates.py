"""结业证书 as PDF (六（五）): one A4 landscape page a person, with both issuing bodies, number and QR code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange.documents import qr
from tepei_admin.exchange.documents.typesetting import typeset
from tepei_admin.fonts import ensure_printable
from tepei_admin.rules import wording
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.certificates import code_grouped

ISSUERS = ("人力资源社会保障部专业技术人员管理司", "内蒙古自治区人力资源和社会保障厅")
TEXT = (
    "{name}同志于{start}至{end}参加{programme}（{track}），在{host}{major}培养学习，期满考核合格，准予结业。"
)
PLACES = {
    "name": "姓名",
    "start": "开始日期",
    "end": "结束日期",
    "programme": "计划名称",
    "track": "培养类别",
    "host": "培养单位",
    "major": "培养专业",
    "number": "证书编号",
}
USUAL = 100  # characters that fit their place in the usual size whatever they are


@dataclass(frozen=True)
class CertificateData:
    """What one certificate says. `address`: that of the public check page, /verify/number/code."""

    name: str
    programme: str  # 2019年度“…”
    track: str  # 区外
    host: str
    major: str  # may be empty
    start: dt.date
    end: dt.date
    number: str
    code: str
    address: str
    issued_on: dt.date
    reissued_on: dt.date | None = None
    issuers: tuple[str, str] = ISSUERS

    def values(self) -> dict[str, wording.Value]:
        return {
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "programme": self.programme,
            "track": _ending(self.track, "培养"),
            "host": self.host,
            "major": _ending(self.major, "专业"),
            "number": self.number,
        }


def render(certificates: Sequence[CertificateData], *, specimen: bool = False, text: str = TEXT) -> bytes:
    """One PDF of all certificates, in this order. `specimen` prints 样张 across each.

    Refused, for all at once, where no font has a character; and where the text is not sound.
    """
    ensure(certificates, "papers.nothing")
    check(text)
    ensure_printable(_printed(certificates, text))

    def data() -> Mapping[str, Any]:
        symbols = qr.symbols([one.address for one in certificates])
        papers = [_paper(one, symbol, text) for one, symbol in zip(certificates, symbols, strict=True)]
        return {"title": "结业证书", "specimen": specimen, "papers": papers}

    return typeset("certificate.typ", len(certificates), data)


def check(text: str) -> None:
    """Refuse a certificate's text with an unknown place, or without the name."""
    found = list(wording.problems(text, PLACES, "text"))
    if "name" not in wording.used(text):
        found.append(Violation("papers.name_not_in_text", "text", {"place": "{name}"}))
    if found:
        raise RuleViolation(found)


def _ending(text: str, ending: str) -> str:
    """区外 -> 区外培养, 心血管内科 -> 心血管内科专业; what ends so already, and nothing, stay."""
    return text if not text or text.endswith(ending) else text + ending


def _printed(certificates: Sequence[CertificateData], text: str) -> Iterator[tuple[str, str, str]]:
    for one in certificates:
        yield one.name, "姓名", one.name
        yield one.name, "培养单位", one.host
        yield one.name, "培养专业", one.major
        yield (
            one.name,
            "证书其他文字",
            "".join((one.programme, one.track, one.number, *one.issuers, text)).replace("\n", ""),
        )


def _paper(one: CertificateData, symbol: str, text: str) -> dict[str, Any]:
    before, _, after = text.partition("{name}")
    values = one.values()
    parts = ["".join(wording.fill(before, values)), one.name, "".join(wording.fill(after, values))]
    again = f"{chinese(one.reissued_on)}补发" if one.reissued_on else ""
    return {
        "number": one.number + ("（补发）" if again else ""),
        "parts": parts,
        "short": sum(map(len, parts)) <= USUAL,
        "issuers": one.issuers,
        "qr": symbol,
        "check": f"扫描二维码，或在 {one.address.rsplit('/', 2)[0]}\n输入证书编号和查验码，可查验本证书\n查验码：{code_grouped(one.code)}",
        "dates": "\n".join(filter(None, (chinese(one.issued_on), again))),
    }
