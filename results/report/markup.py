"""HTML elements as strings that cannot be broken into: every text is escaped, only markup is not."""

from __future__ import annotations

from html import escape

VOID = {"meta", "link", "img", "br", "col"}


class Markup(str):
    """HTML that is already safe."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str) -> Markup:
    """One element; children are escaped unless they are markup, attribute values always. A trailing _ of a name is dropped."""
    pairs = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    if name in VOID:
        return Markup(f"<{name}{pairs}>")
    return Markup(f"<{name}{pairs}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Children one after the other, escaped unless they are markup."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child, quote=False) for child in children))
