"""The words of every reason: for the operator who looks, and for the fan who asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fanfare.model.notification import Reason


class Cause(StrEnum):
    """The closed list of answers to *why?*."""

    # a row stands behind it
    WAITING = "waiting"
    PAUSED = "paused"
    RELEASED = "released"
    BEING_SENT = "being_sent"
    SENT = "sent"
    SENT_WITHOUT_REPORT = "sent_without_report"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    # no row
    SALE_UNKNOWN = "sale_unknown"
    FAN_UNKNOWN = "fan_unknown"
    NO_DEMAND = "no_demand"
    DEMAND_WITHDRAWN = "demand_withdrawn"
    OTHER_SALE_DEMANDED = "other_sale_demanded"
    CHANNEL_NOT_ACCEPTED = "channel_not_accepted"
    SALE_CANCELLED = "sale_cancelled"
    SALE_UNSCHEDULED = "sale_unscheduled"
    SALE_SUPPRESSED = "sale_suppressed"
    NOT_YET_GENERATED = "not_yet_generated"
    BEING_GENERATED = "being_generated"
    OPTED_IN_AFTER_OPENING = "opted_in_after_opening"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Words:
    """One reason, said thrice."""

    operator: str
    """May hold ``{names}`` of details."""
    english: str
    french: str
    is_told_by_reason: bool = False
    """Whether the row's own reason says more to the fan than these words do."""


def of_cause(cause: Cause) -> Words:
    """Return the words of an answer."""
    return _CAUSES[cause]


def of_reason(reason: Reason) -> Words:
    """Return the words of a row's reason."""
    return _REASONS[reason]


_ASK_LATER = "Your reminder is waiting; it leaves shortly before the sale opens."
_PATIENCE = "Votre rappel est prêt; il part peu avant l'ouverture de la vente."

_CAUSES: Mapping[Cause, Words] = MappingProxyType(
    {
        Cause.WAITING: Words(
            "The reminder waits until {wake}; the sale opens at {opens}. {reason}", _ASK_LATER, _PATIENCE
        ),
        Cause.PAUSED: Words(
            "Sending is paused ({paused}); the reminder waits and the sale opens at {opens}.", _ASK_LATER, _PATIENCE
        ),
        Cause.RELEASED: Words(
            "Released, and next in line for its sender's rate; the sale opens at {opens}.",
            "Your reminder is on its way.",
            "Votre rappel est en route.",
        ),
        Cause.BEING_SENT: Words(
            "Attempt {attempts} is under way; its outcome is not known yet.",
            "Your reminder is on its way.",
            "Votre rappel est en route.",
        ),
        Cause.SENT: Words(
            "The provider accepted it at {sent}; no delivery report yet.",
            "We sent your reminder; your carrier has not confirmed it yet.",
            "Nous avons envoyé votre rappel; votre fournisseur ne l'a pas encore confirmé.",
        ),
        Cause.SENT_WITHOUT_REPORT: Words(
            "The provider accepted it at {sent} and never reported on it.",
            "We sent your reminder, but nobody told us whether it arrived.",
            "Nous avons envoyé votre rappel, mais personne ne nous a dit s'il est arrivé.",
        ),
        Cause.DELIVERED: Words(
            "Delivered at {ended}, after {attempts} attempt(s).",
            "Your reminder was delivered.",
            "Votre rappel a été livré.",
        ),
        Cause.FAILED: Words(
            "Failed at {ended} after {attempts} attempt(s){code}: {reason}",
            "We tried to reach you and could not.",
            "Nous avons tenté de vous joindre, sans succès.",
            is_told_by_reason=True,
        ),
        Cause.SUPPRESSED: Words(
            "Not sent on purpose: {reason}",
            "We did not write to you about this sale.",
            "Nous ne vous avons pas écrit au sujet de cette vente.",
            is_told_by_reason=True,
        ),
        Cause.EXPIRED: Words(
            "Not sent in time; nothing goes out after the opening ({opens}). {reason}",
            "We could not reach you before the sale opened. We are sorry.",
            "Nous n'avons pas pu vous joindre avant l'ouverture de la vente. Nous en sommes désolés.",
        ),
        Cause.CANCELLED: Words(
            "Ended before it was sent: {reason}",
            "The sale changed, so we did not write to you.",
            "La vente a changé; nous ne vous avons donc pas écrit.",
            is_told_by_reason=True,
        ),
        Cause.UNCONFIRMED: Words(
            "Attempt {attempts} may or may not have gone out; nobody could say, so it is not repeated. {reason}",
            "We tried to reach you, but cannot tell whether the message arrived.",
            "Nous avons tenté de vous joindre, mais ignorons si le message est arrivé.",
        ),
        Cause.SALE_UNKNOWN: Words(
            "No such sale. Check the id, or import the event first.",
            "We do not know this sale.",
            "Nous ne connaissons pas cette vente.",
        ),
        Cause.FAN_UNKNOWN: Words(
            "No such fan, or the fan was erased.",
            "We hold no request from you.",
            "Nous n'avons aucune demande de votre part.",
        ),
        Cause.NO_DEMAND: Words(
            "The fan never asked for this event or one of its artists.",
            "You did not ask us about this event.",
            "Vous ne nous avez pas demandé d'être averti pour cet événement.",
        ),
        Cause.DEMAND_WITHDRAWN: Words(
            "The fan withdrew the demand.",
            "You withdrew your request for this event.",
            "Vous avez retiré votre demande pour cet événement.",
        ),
        Cause.OTHER_SALE_DEMANDED: Words(
            "The fan asked for another sale of this event.",
            "You asked about another sale of this event.",
            "Vous avez choisi une autre vente de cet événement.",
        ),
        Cause.CHANNEL_NOT_ACCEPTED: Words(
            "The fan's preferences for the brand exclude every channel that was asked for.",
            "Your preferences do not let us write to you that way.",
            "Vos préférences ne nous permettent pas de vous écrire de cette façon.",
        ),
        Cause.SALE_CANCELLED: Words(
            "The sale was cancelled before its reminders were written.",
            "The sale was cancelled.",
            "La vente a été annulée.",
        ),
        Cause.SALE_UNSCHEDULED: Words(
            "The sale has no opening instant ({unscheduled}), so there is nothing to remind before.",
            "The sale has no opening time yet.",
            "La vente n'a pas encore d'heure d'ouverture.",
        ),
        Cause.SALE_SUPPRESSED: Words(
            "No reminders go out for this sale: {suppressed}.",
            "We send no reminders for this sale.",
            "Nous n'envoyons pas de rappel pour cette vente.",
        ),
        Cause.NOT_YET_GENERATED: Words(
            "The sale's reminders are not written yet; they are planned for {send}, the sale opens at {opens}.",
            _ASK_LATER,
            _PATIENCE,
        ),
        Cause.BEING_GENERATED: Words(
            "The sale's audience is being written, or the fan opted in moments ago; the sale opens at {opens}.",
            _ASK_LATER,
            _PATIENCE,
        ),
        Cause.OPTED_IN_AFTER_OPENING: Words(
            "The fan opted in after the sale had opened at {opens}.",
            "You asked us after the sale had opened.",
            "Votre demande est arrivée après l'ouverture de la vente.",
        ),
        Cause.MISSED: Words(
            "The sale opened at {opens} and no row was ever written for this fan: a defect. Run 'fanfare doctor'.",
            "We should have written to you and did not. We are sorry.",
            "Nous aurions dû vous écrire et ne l'avons pas fait. Nous en sommes désolés.",
        ),
    }
)

_SAME_ADDRESS = (
    "You share your number or address with someone who got the message.",
    "Vous partagez votre numéro ou votre adresse avec une personne qui a reçu le message.",
)
_NOT_REACHED = (
    "Your carrier could not deliver our message.",
    "Votre fournisseur n'a pas pu livrer notre message.",
)
_OUR_FAULT = (
    "Our message did not get through because of a problem on our side. We are sorry.",
    "Notre message n'est pas passé à cause d'un problème de notre côté. Nous en sommes désolés.",
)
_SOON = ("Your reminder is waiting for another try.", "Votre rappel attend un nouvel essai.")
_NO_WORD = (
    "Nobody could tell us whether the message arrived.",
    "Personne n'a pu nous dire si le message est arrivé.",
)

_REASONS: Mapping[Reason, Words] = MappingProxyType(
    {
        Reason.OPTED_OUT: Words(
            "the address has opted out.",
            "You asked us to stop writing to you.",
            "Vous nous avez demandé de ne plus vous écrire.",
        ),
        Reason.QUIET_HOURS: Words(
            "the whole time in question lies in the fan's quiet hours.",
            "The time for it fell into the night where you are.",
            "Le moment prévu tombait la nuit chez vous.",
        ),
        Reason.SHARED_ADDRESS: Words("another fan holds this address and is told there.", *_SAME_ADDRESS),
        Reason.SAME_INSTANT: Words(
            "a sale of higher rank opens at the same instant and names it instead.",
            "Several sales open at that moment; one message told you of them.",
            "Plusieurs ventes ouvrent à ce moment; un seul message vous les a annoncées.",
        ),
        Reason.SALE_SUPPRESSED: Words(
            "reminders for the sale are suppressed.",
            "We send no reminders for this sale.",
            "Nous n'envoyons pas de rappel pour cette vente.",
        ),
        Reason.NO_SENDER: Words("no sender is configured for the brand and channel.", *_OUR_FAULT),
        Reason.FORGOTTEN: Words(
            "the fan was erased.",
            "Your data was erased at your request.",
            "Vos données ont été effacées à votre demande.",
        ),
        Reason.SALE_OPENED: Words(
            "The sale opened first.",
            "The sale opened before we could reach you. We are sorry.",
            "La vente a ouvert avant que nous puissions vous joindre. Nous en sommes désolés.",
        ),
        Reason.SALE_CANCELLED: Words("the sale was cancelled.", "The sale was cancelled.", "La vente a été annulée."),
        Reason.SALE_UNSCHEDULED: Words(
            "the sale lost its opening instant.",
            "The sale was postponed and has no new time yet.",
            "La vente a été reportée et n'a pas encore de nouvelle heure.",
        ),
        Reason.WITHDRAWN: Words(
            "the fan withdrew the demand.",
            "You withdrew your request for this event.",
            "Vous avez retiré votre demande pour cet événement.",
        ),
        Reason.INVALID_NUMBER: Words(
            "the provider says that this is no mobile number.",
            "The number you gave us cannot receive texts.",
            "Le numéro que vous avez donné ne peut pas recevoir de textos.",
        ),
        Reason.INVALID_ADDRESS: Words(
            "the mail server says that there is no such mailbox.",
            "The email address you gave us does not exist.",
            "L'adresse courriel que vous avez donnée n'existe pas.",
        ),
        Reason.UNREACHABLE: Words("the handset could not be reached.", *_NOT_REACHED),
        Reason.BLOCKED: Words(
            "the recipient or the carrier blocks us.",
            "Your carrier or your phone blocks our messages.",
            "Votre fournisseur ou votre appareil bloque nos messages.",
        ),
        Reason.FILTERED: Words("a carrier's filter took it for spam.", *_NOT_REACHED),
        Reason.REJECTED: Words("the provider refused the request itself.", *_OUR_FAULT),
        Reason.BOUNCED: Words(
            "the mail came back.",
            "Our email to you came back.",
            "Notre courriel nous a été retourné.",
        ),
        Reason.COMPLAINED: Words(
            "the recipient reported it as spam.",
            "You reported our email as spam, so we stopped.",
            "Vous avez signalé notre courriel comme pourriel; nous avons donc cessé.",
        ),
        Reason.SENDER_PROBLEM: Words("our sender or account is at fault; an operator has to look.", *_OUR_FAULT),
        Reason.CARRIER_LIMIT: Words("a carrier's limit was reached.", *_NOT_REACHED),
        Reason.VALIDITY_PASSED: Words("the provider could not deliver it while it was of use.", *_NOT_REACHED),
        Reason.REPORTED_FAILED: Words("the provider reported it as failed.", *_NOT_REACHED),
        Reason.ATTEMPTS_EXHAUSTED: Words("every attempt was used up.", *_NOT_REACHED),
        Reason.NO_REPORT: Words("No report came before the deadline.", *_NO_WORD),
        Reason.UNKNOWN_OUTCOME: Words("The call ended without a whole answer and no report settled it.", *_NO_WORD),
        Reason.RETRY: Words("It is tried again after an attempt that certainly did not go out.", *_SOON),
        Reason.REPLANNED: Words("It was planned anew because the sale moved.", _ASK_LATER, _PATIENCE),
        Reason.MORNING: Words(
            "It waits for the end of the fan's quiet hours.",
            "Your reminder waits until it is morning where you are.",
            "Votre rappel attend le matin chez vous.",
        ),
    }
)
