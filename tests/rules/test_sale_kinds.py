"""Presale names, as people at the source write them, and the kind each tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.sale import SaleKind
from fanfare.rules import sale_kinds


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Verified Fan Presale", SaleKind.VERIFIED_FAN),
        ("Ticketmaster VerifiedFan® Preale", SaleKind.VERIFIED_FAN),
        ("Prévente Fan vérifié", SaleKind.VERIFIED_FAN),
        ("VIP Packages", SaleKind.VIP),
        ("Artist VIP Package", SaleKind.VIP),
        ("Amex® VIP Packges", SaleKind.VIP),
        ("Official Platinum", SaleKind.VIP),
        ("Forfaits V.I.P. / vip", SaleKind.VIP),
        ("American Express® Early Access", SaleKind.CREDIT_CARD),
        ("AMEX FRONT OF THE LINE™", SaleKind.CREDIT_CARD),
        ("Citi® Cardmember Preferred Seating", SaleKind.CREDIT_CARD),
        ("Citi/AAdvantage", SaleKind.CREDIT_CARD),
        ("Chase Cardmember Presale", SaleKind.CREDIT_CARD),
        ("Visa Signature", SaleKind.CREDIT_CARD),
        ("Mastercard Presale", SaleKind.CREDIT_CARD),
        ("MasterCrd Presale", SaleKind.CREDIT_CARD),
        ("RBC Avion Rewards Presale", SaleKind.CREDIT_CARD),
        ("TD Presale", SaleKind.CREDIT_CARD),
        ("Scotiabank Presale", SaleKind.CREDIT_CARD),
        ("Artist Presale", SaleKind.ARTIST),
        ("ARTIST PREASLE", SaleKind.ARTIST),
        ("Prévente de l'artiste", SaleKind.ARTIST),
        ("Artist\u2019s Presale", SaleKind.ARTIST),
        ("Official Fan Club Pre-Sale", SaleKind.ARTIST),
        ("Venue Presale", SaleKind.VENUE),
        ("Theatre Insiders", SaleKind.VENUE),
        ("Season Ticket Holders", SaleKind.VENUE),
        ("Live Nation Presale", SaleKind.OTHER),
        ("Spotify Presale", SaleKind.OTHER),
        ("Resale Only", SaleKind.OTHER),
        ("", SaleKind.OTHER),
        ("先行販売", SaleKind.OTHER),
    ],
)
def test_a_presale_is_told_by_its_name(name: str, kind: SaleKind) -> None:
    assert sale_kinds.kind_of(name) is kind


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("  Artist   PRESALE ", "artist presale"),
        ("Preale", "presale"),
        ("Preasle", "presale"),
        ("Pre-Sale", "presale"),
        ("Pré-vente", "prevente"),
        ("Citi®/AAdvantage™ Presale", "citi aadvantage presale"),
        ("Meet & Greet", "meet and greet"),
        ("L'artiste", "l artiste"),
        ("Artist's", "artist"),
        ("REGISTRTION", "registration"),
        ("Resale", "resale"),
        ("Artiste", "artiste"),
        ("VIP_2", "vip 2"),
        ("®™", ""),
    ],
)
def test_names_are_normalised(name: str, normal: str) -> None:
    assert sale_kinds.normalise(name) == normal


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once(name: str) -> None:
    once = sale_kinds.normalise(name)

    assert sale_kinds.normalise(once) == once


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=40))
def test_case_marks_and_spacing_say_nothing(name: str) -> None:
    assert sale_kinds.normalise(f"  {name.upper()}® ") == sale_kinds.normalise(name)


@given(st.text(max_size=60))
def test_no_presale_is_taken_for_the_public_sale(name: str) -> None:
    assert sale_kinds.kind_of(name) is not SaleKind.PUBLIC
