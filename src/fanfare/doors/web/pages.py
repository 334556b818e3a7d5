"""The fan's pages: rendered on the server, English and Canadian French, no script, nothing from elsewhere."""

from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from fanfare.model.channel import Language, Locale

SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'none'"
)
STYLE_PATH = "/assets/fan.css"

_environment = Environment(
    loader=PackageLoader("fanfare.doors.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def render(
    template: str,
    language: Language,
    values: Mapping[str, object],
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Return a page."""
    html = _environment.get_template(template).render(
        **values, language=language.value, style=STYLE_PATH, in_french=language is Language.FRENCH
    )
    headers = {
        "Content-Security-Policy": SECURITY_POLICY,
        "Content-Language": "fr-CA" if language is Language.FRENCH else "en",
        "X-Robots-Tag": "noindex, nofollow",
        "Vary": "Accept-Language",
    }
    return HTMLResponse(html, status, headers=headers)


def style() -> str:
    """Return the style sheet of every page."""
    return files("fanfare.doors.web").joinpath("templates", "fan.css").read_text(encoding="utf-8")


def language_of(request: Request, locale: Locale | None = None) -> Language:
    """Return the language that was asked for (``?lang=fr``), else the fan's own, else the browser's first."""
    asked = request.query_params.get("lang")
    if asked in set(Language):
        return Language(asked)
    if locale is not None:
        return Language.FRENCH if locale is Locale.FR_CA else Language.ENGLISH
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> Language:
    """Return the wanted one of our languages with the highest weight, the first of equals; English in doubt."""
    best, best_weight = Language.ENGLISH, 0.0
    for part in header.split(",")[:20]:
        tag, _, weight_text = part.partition(";q=")
        language = tag.strip()[:2].lower()
        weight = _weight(weight_text)
        if language in set(Language) and weight > best_weight:
            best, best_weight = Language(language), weight
    return best


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
