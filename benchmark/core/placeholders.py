"""The small grammar of inquiry texts: `{{name}}` from an allow-list, no filters, no logic."""

from __future__ import annotations

import re
from collections.abc import Mapping

from benchmark.core.values import Persona

ALLOWED = ("brand", "name", "first_name", "last_name", "salutation", "city", "zip", "street", "phone", "order_no")
_SPOT = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def unknown_placeholders(text: str) -> list[str]:
    """The `{{…}}` of a text that stand for nothing, as written."""
    return [found[0] for found in _SPOT.finditer(text) if found[1] not in ALLOWED]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Puts the values in; a value is never read as a placeholder itself. Raises KeyError for an unknown name."""
    return _SPOT.sub(lambda found: values[found[1]], text)


def values_for(brand: str, persona: Persona, order_no: str = "") -> dict[str, str]:
    return {
        "brand": brand,
        "name": persona.name,
        "first_name": persona.first_name,
        "last_name": persona.last_name,
        "salutation": persona.salutation,
        "city": persona.city,
        "zip": persona.zip,
        "street": persona.street,
        "phone": persona.phone,
        "order_no": order_no,
    }
