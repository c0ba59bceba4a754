"""A page of ours with one of its forms filled in, whoever made it: boxes, ticks, choices and texts by their names."""

from __future__ import annotations

from html.parser import HTMLParser

from markupsafe import escape
from werkzeug.datastructures import MultiDict

Attributes = list[tuple[str, str | None]]
LEFT = frozenset({"csrf_token"})
LEFT_TYPES = frozenset({"file", "submit", "button", "image", "reset", "password"})


def filled(page: str, action: str, values: MultiDict[str, str], token: str) -> str:
    """The page with its form to `action` holding these values. `token`: that of the session in hand."""
    filler = _Filler(action, values, token)
    filler.feed(page)
    filler.close()
    return "".join(filler.out)


class _Filler(HTMLParser):
    """Writes out what it reads, but for what stands in the boxes of the one form."""

    def __init__(self, action: str, values: MultiDict[str, str], token: str) -> None:
        super().__init__(convert_charrefs=False)
        self.action, self.values, self.token = action, values, token
        self.out: list[str] = []
        self.within = False
        self.select = ""
        self.silent = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.within = given.get("method") == "post" and given.get("action", self.action) == self.action
            if self.within:
                attrs = [*((key, value) for key, value in attrs if key != "action"), ("action", self.action)]
        elif tag == "input" and name == "csrf_token":
            attrs = _with(attrs, "value", self.token)
        elif not self.within or name in LEFT:
            pass
        elif tag == "input" and name:
            attrs = self._input(attrs, name, (given.get("type") or "text").lower())
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            attrs = _with(
                attrs, "selected", None, keep=given.get("value", "") in self.values.getlist(self.select)
            )
        self.out.append(_tag(tag, attrs))
        if tag == "textarea" and self.within and name in self.values:
            self.out.append(f"\n{escape(self.values[name])}")
            self.silent = True

    def _input(self, attrs: Attributes, name: str, kind: str) -> Attributes:
        if kind in LEFT_TYPES:
            return attrs
        if kind in ("checkbox", "radio"):
            value = dict(attrs).get("value") or "on"
            return _with(attrs, "checked", None, keep=value in self.values.getlist(name))
        return _with(attrs, "value", self.values[name]) if name in self.values else attrs

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.silent = False
        if tag == "select":
            self.select = ""
        if tag == "form":
            self.within = False
        self.out.append(f"</{tag}>")

    def _plain(self, text: str) -> None:
        if not self.silent:
            self.out.append(text)

    def handle_data(self, data: str) -> None:
        self._plain(data)

    def handle_entityref(self, name: str) -> None:
        self._plain(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._plain(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._plain(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._plain(f"<!{decl}>")


def _with(attrs: Attributes, name: str, value: str | None, *, keep: bool = True) -> Attributes:
    others = [(key, given) for key, given in attrs if key != name]
    return [*others, (name, value)] if keep else others


def _tag(tag: str, attrs: Attributes) -> str:
    words = "".join(f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in attrs)
    return f"<{tag}{words}>"
