"""Somebody at the office's desk: what one does in the panel again and again, in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

LOOK = re.compile(r"/batches/(look|confirm)/\d+")
BATCH = re.compile(r"/batches/\d+$")


@dataclass
class Desk:
    """One account's page."""

    page: Page

    def see(self, *words: str, within: str = "main") -> None:
        """These words stand on the page."""
        for text in words:
            expect(self.page.locator(within).get_by_text(text).first).to_be_visible()

    def person(self, name: str) -> None:
        """To somebody's page, by the search box."""
        self.page.goto("/trainees/")
        self.page.fill("[data-search]", name)
        self.page.press("[data-search]", "Enter")
        self.page.wait_for_url("**/trainees/?search=*")
        self.page.locator("tbody tr td a", has_text=name).first.click()
        expect(self.page.locator("header.page h2")).to_have_text(name)

    def fill(self, **fields: str) -> None:
        """The boxes of a form by their names; "#2" chooses the second of a list."""
        for name, value in fields.items():
            box = self.page.locator(f"main [name={name}]").first
            if box.evaluate("box => box.tagName") != "SELECT":
                box.fill(value)
            elif value.startswith("#"):
                box.select_option(index=int(value[1:]))
            else:
                box.select_option(value)

    def look(self, **fields: str) -> None:
        """On a look-first page: fill in, and see what would happen."""
        self.page.wait_for_url(LOOK)
        if fields:
            self.fill(**fields)
            self.page.locator("button[name=look]").click()
            self.page.wait_for_load_state()

    def confirm(self, label: str) -> None:
        """Do what was looked at, and come to the batch."""
        self.page.get_by_role("button", name=label, exact=True).click()
        self.page.wait_for_url(BATCH)

    def act(self, verb: str, **fields: str) -> None:
        """From somebody's page through the look to the result, and back."""
        self.page.get_by_role("button", name=f"{verb}…", exact=True).click()
        self.look(**fields)
        expect(self.page.get_by_text("1 可执行")).to_be_visible()
        self.confirm(f"{verb} 1 人")
        self.page.get_by_role("link", name="回到此人").click()

    def tick(self, address: str, *names: str) -> Locator:
        """Tick these rows of a list, or all of its page; the bar that rises."""
        self.page.goto(address)
        if names:
            for name in names:
                self.page.locator("tbody tr", has_text=name).locator("td.tick input").check()
        else:
            self.page.locator("thead input[type=checkbox]").check()
        return self.page.locator("[data-rise]")

    def bulk(
        self,
        address: str,
        verb: str,
        count: int,
        unit: str = "人",
        names: tuple[str, ...] = (),
        **fields: str,
    ) -> None:
        """A bulk action on ticked rows, looked at first."""
        bar = self.tick(address, *names)
        button = bar.get_by_role("button", name=f"{verb}…", exact=True)
        if not button.is_visible():
            bar.get_by_text("更多").click()
        button.click()
        self.look(**fields)
        expect(self.page.get_by_text(f"{count} 可执行，0 跳过")).to_be_visible()
        self.confirm(f"{verb} {count} {unit}")

    def propose(self, kind: str, count: int, *sums: str) -> None:
        """提出学费 or 提出生活补贴 for everybody who is due; the sums that stand on the look."""
        self.page.goto("/payments/")
        self.page.get_by_role("button", name=f"提出{kind}…").click()
        self.look()
        self.see(*sums)
        self.confirm(f"提出{kind} {count} 人")

    def pay(self, *names: str, count: int, on: str, voucher: str) -> None:
        """Mark approved payments as paid."""
        self.bulk("/payments/?state=approved", "登记支付", count, "笔", names, on=on, voucher=voucher)

    def decide(self, words: str, answer: str = "同意", **fields: str) -> None:
        """The matter in 待核准 that says this, by its second person."""
        self.page.goto("/requests/")
        matter = self.page.locator("article.matter", has_text=words)
        expect(matter).to_have_count(1)
        for name, value in fields.items():
            matter.locator(f"[name={name}]").fill(value)
        matter.get_by_role("button", name=answer, exact=True).click()
        self.page.wait_for_load_state()

    def agree(self, words: str, **fields: str) -> None:
        self.decide(words, **fields)
        expect(self.page.locator("[role=alert]")).to_have_count(0)

    def status(self, label: str) -> None:
        """How the person in hand stands."""
        expect(self.page.locator("header.page .chip")).to_have_text(label)

    def download(self, press: Callable[[], None]) -> bytes:
        with self.page.expect_download() as waiting:
            press()
        return Path(waiting.value.path()).read_bytes()
