"""How an email looks: one sober sheet, the same facts in its text part and its HTML part.

Nothing is loaded from elsewhere, there are no pictures, and colours follow the reader's light or dark setting.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from fanfare.model.channel import Locale
from fanfare.model.message import UNSUBSCRIBE_MARK
from fanfare.rules import templates


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailWords:
    """The templates of one email; a line whose brackets leave nothing is left out."""

    subject: str
    heading: str
    lines: tuple[str, ...] = ()
    button: str = ""
    """Caption of the link to buy; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Foot:
    reason: str
    unsubscribe: str
    contact: str


SUBJECT_CHARACTERS_MAX = 120
"""Clients show 40 to 70 characters; a header line may hold 998 octets (RFC 5322)."""

_SUBJECT_NAME_MAX = 50
_NAMES = ("brand", "artist", "venue", "city", "presale")

_LANG = {Locale.EN_US: "en-US", Locale.EN_CA: "en-CA", Locale.FR_CA: "fr-CA"}

_ENGLISH_FOOT = _Foot(
    reason="You get this because you asked {brand} to tell you.",
    unsubscribe="Unsubscribe",
    contact="Contact {brand}",
)
_FRENCH_FOOT = _Foot(
    reason="Vous recevez ce courriel parce que vous avez demandé à {brand} de vous avertir.",
    unsubscribe="Se désabonner",
    contact="Joindre {brand}",
)
_FOOT = {Locale.EN_US: _ENGLISH_FOOT, Locale.EN_CA: _ENGLISH_FOOT, Locale.FR_CA: _FRENCH_FOOT}

_STYLE = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "body{margin:0;padding:0;background:#fff;color:#1c1c1e}"
    ".sheet{max-width:560px;margin:0 auto;padding:32px 20px;"
    "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}"
    ".brand{margin:0 0 24px;font-size:14px;color:#5c5c61}"
    "h1{margin:0 0 16px;font-size:26px;line-height:1.25;overflow-wrap:anywhere}"
    "p{margin:0 0 12px;overflow-wrap:anywhere}"
    ".button{display:inline-block;margin:12px 0 4px;padding:14px 26px;border-radius:8px;"
    "background:#0a58ca;color:#fff;font-weight:600;text-decoration:none}"
    ".foot{margin-top:32px;padding-top:16px;border-top:1px solid #d1d1d6;font-size:13px;color:#5c5c61}"
    ".foot a{color:inherit}"
    "@media (prefers-color-scheme:dark){body{background:#1c1c1e;color:#f2f2f7}"
    ".brand,.foot{color:#aeaeb2}.foot{border-color:#48484a}.button{background:#8ab4f8;color:#10131a}}"
)

# Word, which shows mail in Outlook for Windows, knows neither max-width nor padding on links: only it sees the table.
_HTML = """<!doctype html>
<html lang="{lang}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>{style}</style>
</head>
<body>
<!--[if mso]><table role="presentation" width="560" align="center"><tr><td><![endif]-->
<div class="sheet" role="article" aria-roledescription="email" lang="{lang}">
<p class="brand">{brand}</p>
{parts}
<div class="foot">
{foot}
</div>
</div>
<!--[if mso]></td></tr></table><![endif]-->
</body>
</html>
"""


def subject(words: EmailWords, values: Mapping[str, str]) -> str:
    """Return the subject: one line, its names short enough that day and time stay in sight."""
    brief = {name: templates.shorten(value, _SUBJECT_NAME_MAX) for name, value in values.items()}
    line = " ".join(templates.render(words.subject, brief).split())
    return templates.shorten(line, SUBJECT_CHARACTERS_MAX)


def text(words: EmailWords, values: Mapping[str, str], locale: Locale, *, unsubscribes: bool) -> str:
    """Return the plain part, a link to a line so that clients can find its end."""
    foot = _FOOT[locale]
    paragraphs = [*_rendered((words.heading, *words.lines), values)]
    if words.button and values["link"]:
        paragraphs.append(f"{templates.render(words.button, values)}:\n{values['link']}")
    ending = [templates.render(foot.reason, values)]
    ending.append(f"{templates.render(foot.contact, values)}: {values['contact']}")
    ending.extend(filter(None, [values["postal_address"]]))
    if unsubscribes:
        ending.append(f"{foot.unsubscribe}: {UNSUBSCRIBE_MARK}")
    return "\n\n".join([*paragraphs, "-- \n" + "\n".join(ending)]) + "\n"


def html(words: EmailWords, values: Mapping[str, str], locale: Locale, *, unsubscribes: bool) -> str:
    """Return the HTML part. Templates and values alike are escaped: neither can add a tag."""
    lang = _LANG[locale]
    safe = {name: escape(value) for name, value in values.items()}
    # Names may be written from right to left; isolated, they do not turn the sentence around them.
    safe |= {name: f"<bdi>{safe[name]}</bdi>" for name in _NAMES if safe[name]}
    return _HTML.format(
        lang=lang,
        style=_STYLE,
        subject=escape(subject(words, values)),
        brand=escape(values["brand"]),
        parts="\n".join(_html_parts(words, safe)),
        foot="\n".join(_html_foot(_FOOT[locale], safe, unsubscribes=unsubscribes)),
    )


def _rendered(lines: tuple[str, ...], values: Mapping[str, str]) -> Iterator[str]:
    yield from filter(None, (templates.render(line, values).strip() for line in lines))


def _html_parts(words: EmailWords, safe: Mapping[str, str]) -> Iterator[str]:
    yield from (f"<h1>{heading}</h1>" for heading in _rendered((escape(words.heading),), safe))
    yield from (f"<p>{line}</p>" for line in _rendered(tuple(map(escape, words.lines)), safe))
    if words.button and safe["link"]:
        caption = templates.render(escape(words.button), safe)
        yield f'<p><a class="button" href="{safe["link"]}">{caption}</a></p>'


def _html_foot(foot: _Foot, safe: Mapping[str, str], *, unsubscribes: bool) -> Iterator[str]:
    yield f"<p>{templates.render(escape(foot.reason), safe)}</p>"
    links = [f'<a href="{safe["contact"]}">{templates.render(escape(foot.contact), safe)}</a>']
    if unsubscribes:
        links.append(f'<a href="{UNSUBSCRIBE_MARK}">{escape(foot.unsubscribe)}</a>')
    yield f"<p>{' &middot; '.join(links)}</p>"
    if safe["postal_address"]:
        yield f"<p>{safe['postal_address']}</p>"
