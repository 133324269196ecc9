"""Text from a run directory made safe for a Markdown page.

Two different things are done here. *Strings* (names, keys, values) become literal text:
nothing in them is markup. *Words* of a run that somebody else may have written stay Markdown,
but lose what could act in a reader's browser: raw HTML, links that are no web or mail
addresses, images from elsewhere.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

__all__ = ["code", "inert", "literal", "visible"]

_SPACES: Final = frozenset("\t\n\r\v\f\x85\u2028\u2029")
# Emoji and several scripts need the joiners; every other format character hides or turns text.
_JOINERS: Final = frozenset("\u200c\u200d")
_MAX_MARKS: Final = 3
_ENTITIES: Final = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "@": "&#64;",
    "`": "&#96;",
}
_MARKUP: Final = re.compile(
    r"[&<>@`]|[*\[\]~]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|:(?=//)|(?<=www)\.", re.IGNORECASE
)
_TEX: Final = re.compile(r"[$\\]")
_CODE: Final = re.compile(r"[\w.:+=/,-]+(?: [\w.:+=/,-]+)*\Z")


def visible(value: object, limit: int = 80) -> str:
    """Return text on one line, at most `limit` characters, with nothing hidden in it.

    Control characters, direction overrides and zero-width characters are shown as marks.
    """
    text = value if isinstance(value, str) else str(value)
    cut = len(text) > limit
    text = text[: limit - 1 if cut else limit]
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) + ("…" if cut else "")
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MAX_MARKS:
            shown.append(_shown(character))
    return re.sub(r" +", " ", "".join(shown)).strip() + ("…" if cut else "")


def _shown(character: str) -> str:
    if character in _SPACES:
        return " "
    category = unicodedata.category(character)
    if category == "Cc":
        number = ord(character)
        if number < 0x20:
            return chr(0x2400 + number)
        return "␡" if number == 0x7F else f"⟨{number:02X}⟩"
    if category == "Cf" and character not in _JOINERS:
        return f"⟨{ord(character):04X}⟩"
    return "\ufffd" if category == "Cs" else character


def literal(value: object, limit: int = 80) -> str:
    """Return any value as Markdown that shows its text and nothing else."""
    text = visible(value, limit)
    # TeX is taken out of a notebook's cell before Markdown is read, and looked for again in
    # what the reader sees: only in code type is a dollar or a backslash always itself.
    return _code_span(text) if _TEX.search(text) else _MARKUP.sub(_quoted, text)


def _code_span(text: str) -> str:
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _quoted(match: re.Match[str]) -> str:
    character = match[0]
    if character in ":.":
        return f"&#{ord(character)};"
    return _ENTITIES.get(character) or "\\" + character


def code(value: object, limit: int = 80) -> str:
    """Return a name in code type where it is plain enough for that, else as literal text."""
    text = visible(value, limit)
    return f"`{text}`" if _CODE.match(text) else literal(text, limit + 8)


_FENCE: Final = re.compile(r"(?P<indent>[ \t>*+-]*)(?P<mark>`{3,}(?=[^`]*\Z)|~{3,})")
_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)")
_TAGS: Final = "b|i|em|strong|u|s|sub|sup|kbd|mark|small|br"
_HTML: Final = re.compile(
    rf"(?P<tag></?(?:{_TAGS})\s?/?>)"
    r"|(?P<auto><(?:https?://|mailto:)[^\s<>\"'`]*>)"
    r"|<(?=[A-Za-z/!?])",
    re.IGNORECASE,
)
_MAX_TARGET: Final = 300
# Looks ahead at the target without taking it, so that links in a row are all seen.
_LINK: Final = re.compile(
    rf"\](?P<opener>[(:])(?=\s*(?P<target><[^>\n]{{0,{_MAX_TARGET}}}|[^\s]{{0,{_MAX_TARGET}}}))"
)
_IMAGE: Final = re.compile(
    r"(?<!\\)(?P<slashes>\\*)!\["
    r"(?P<rest>[^\[\]\\\n`<]{0,500}+\]\((?P<target>[^()\\\n]{0,500}+)\))?"
)
_MAX_WORDS: Final = 256 * 1024
_BLUNT: Final = re.compile(r"<(?=[A-Za-z/!?])|\](?=[(:\[])|(?<!\\)!(?=\[)")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]*:")
_ALLOWED: Final = ("http:", "https:", "mailto:", "attachment:")


def inert(markdown: str) -> str:
    """Return Markdown without raw HTML, scripted links and images from elsewhere.

    Code (fenced, or in backticks on one line) keeps its angle brackets, wherever it is certain
    that every renderer takes it for code. Of text above 256 KiB nothing is looked at closely: all
    that looks like a tag, a link or an image becomes text. The result is stable:
    ``inert(inert(text)) == inert(text)``.
    """
    if len(markdown) > _MAX_WORDS:
        return _BLUNT.sub(_blunted, markdown)
    # A tag made harmless can make the lines below it certain: one more round, then it rests.
    previous = None
    while previous != markdown:
        previous, markdown = markdown, _inert_once(markdown)
    return markdown


def _blunted(match: re.Match[str]) -> str:
    return {"<": "&lt;", "]": "&#93;", "!": "&#33;"}[match[0]]


def _inert_once(markdown: str) -> str:
    lines: list[str] = []
    fence = ""
    certain = spans_certain = True
    for line in markdown.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            lines.append(line)
            bare = line.strip()
            if bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
                # Some renderers take an indented one for the end, some do not.
                certain = line.startswith(bare)
        elif mark and certain and spans_certain and not mark["indent"]:
            fence = mark["mark"]
            lines.append(line)
        else:
            # A fence inside a list or a quotation ends where that ends, one below a tag is none:
            # from there on nothing counts as code any more.
            certain = certain and not mark
            # A backtick left open on an earlier line can turn a later span inside out.
            spans_certain = not line.strip() or (spans_certain and _is_plain(line))
            lines.append(_inert_line(line) if certain and spans_certain else _inert_text(line))
    if fence:
        lines.append(fence)
    return _IMAGE.sub(_inert_image, _LINK.sub(_inert_link, "\n".join(lines)))


def _is_plain(line: str) -> bool:
    rest = _SPAN.sub("", line)
    return "`" not in rest and "\\" not in line and not _HTML.search(rest)


def _inert_line(line: str) -> str:
    shown: list[str] = []
    at = 0
    for span in _SPAN.finditer(line):
        shown += [_inert_text(line[at : span.start()]), span[0]]
        at = span.end()
    return "".join([*shown, _inert_text(line[at:])])


def _inert_text(text: str) -> str:
    return _HTML.sub(lambda match: match[0] if match.lastgroup else "&lt;", text)


def _inert_link(match: re.Match[str]) -> str:
    target = match["target"]
    # A longer one could hide its scheme behind padding.
    short = len(target) < _MAX_TARGET
    if target.startswith(_ALLOWED) or (short and not re.search("[:&]", target)):
        return match[0]
    if match["opener"] == "(":
        target = target.partition(")")[0]
    scheme = _SCHEME.match(_resolved(target))
    if short and (scheme is None or scheme[0] in _ALLOWED):
        return match[0]
    return "]\\" + match["opener"]


def _inert_image(match: re.Match[str]) -> str:
    if len(match["slashes"]) % 2:
        return match[0]
    if match["target"] is not None:
        resolved = _resolved(match["target"])
        scheme = _SCHEME.match(resolved)
        if not resolved.startswith("//") and (scheme is None or scheme[0] == "attachment:"):
            return match[0]
    return f"{match['slashes']}\\![{match['rest'] or ''}"


def _resolved(target: str) -> str:
    """Return a link's target as a browser sees it: entities, escapes and blanks gone."""
    text = html.unescape(html.unescape(target)).replace("\\", "").lstrip("<")
    return "".join(c for c in text if c.isprintable() and not c.isspace()).lower()
