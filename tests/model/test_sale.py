"""A sale, its rank, and what makes a new revision of it."""

from dataclasses import replace
from datetime import timedelta

from fanfare.model.sale import SaleKind, SaleStatus, SuppressionReason, UnscheduledReason
from tests.builders import NOW, a_sale


def test_the_public_sale_outranks_every_presale() -> None:
    ranks = [kind.rank for kind in SaleKind]

    assert ranks == sorted(ranks)
    assert min(SaleKind, key=lambda kind: kind.rank) is SaleKind.PUBLIC
    assert max(SaleKind, key=lambda kind: kind.rank) is SaleKind.OTHER


def test_fans_are_told_of_a_scheduled_sale_that_nothing_suppresses() -> None:
    sale = a_sale()

    assert sale.is_notifiable
    assert not sale.cancelled().is_notifiable
    assert not replace(sale, suppressed=SuppressionReason.KEYWORD).is_notifiable
    assert not replace(sale, status=SaleStatus.UNSCHEDULED).is_notifiable


def test_a_moved_sale_is_a_new_revision() -> None:
    lost = replace(a_sale(), status=SaleStatus.UNSCHEDULED, unscheduled=UnscheduledReason.START_TBA)
    later = NOW + timedelta(hours=5)

    moved = lost.moved(starts_at=later, send_at=later - timedelta(minutes=30))

    assert (moved.revision, moved.version) == (lost.revision + 1, lost.version + 1)
    assert (moved.status, moved.unscheduled, moved.starts_at) == (SaleStatus.SCHEDULED, None, later)


def test_a_cancelled_sale_is_a_new_revision_that_keeps_its_instant() -> None:
    sale = a_sale()

    gone = sale.cancelled()

    assert (gone.revision, gone.version, gone.starts_at) == (2, 2, sale.starts_at)
    assert gone.status is SaleStatus.CANCELLED
