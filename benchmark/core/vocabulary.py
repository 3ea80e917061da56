"""The words of the field: one word per thing, the same in code, tables, pages and CSV."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Where inquiries may go. The sandbox is the only mode there is."""

    SANDBOX = "sandbox"


class ChannelKind(StrEnum):
    EMAIL = "email"
    WEB_FORM = "web_form"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    THREADS = "threads"
    LINKEDIN = "linkedin"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    REDDIT = "reddit"
    TRUSTPILOT = "trustpilot"
    GOOGLE_REVIEWS = "google_reviews"
    TELEPHONE = "telephone"
    LETTER = "letter"
    VISIT = "visit"
    OTHER = "other"

    @property
    def group(self) -> ChannelGroup:
        return _GROUPS.get(self, ChannelGroup.SOCIAL)


class ChannelGroup(StrEnum):
    EMAIL = "email"
    WEB_FORM = "web_form"
    SOCIAL = "social"
    TELEPHONE = "telephone"
    POST = "post"
    OTHER = "other"


_GROUPS = {
    ChannelKind.EMAIL: ChannelGroup.EMAIL,
    ChannelKind.WEB_FORM: ChannelGroup.WEB_FORM,
    ChannelKind.TELEPHONE: ChannelGroup.TELEPHONE,
    ChannelKind.LETTER: ChannelGroup.POST,
    ChannelKind.VISIT: ChannelGroup.OTHER,
    ChannelKind.OTHER: ChannelGroup.OTHER,
}


class InquiryKind(StrEnum):
    QUESTION = "question"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    ORDER = "order"
    OTHER = "other"


class CampaignState(StrEnum):
    DRAFT = "draft"
    LAUNCHED = "launched"
    PAUSED = "paused"
    STOPPED = "stopped"
    CLOSED = "closed"


class ProbeState(StrEnum):
    """`planned → claimed → open | retry_later | failed | barrier | unconfirmed`, then `open → closed`."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    TASK = "task"  # a person's turn: a social post that no job may make
    RETRY_LATER = "retry_later"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"
    BARRIER = "barrier"
    UNCONFIRMED = "unconfirmed"
    WITHDRAWN = "withdrawn"


class AttemptState(StrEnum):
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    RETRY_LATER = "retry_later"
    FAILED = "failed"
    BARRIER = "barrier"
    UNCONFIRMED = "unconfirmed"
    TASK = "task"


class FormOutcome(StrEnum):
    """What became of one form submission; some carry a detail behind a colon (`blocked_captcha:vendor`)."""

    SUCCESS = "success"
    SUCCESS_WEAK = "success_weak"
    UNKNOWN = "unknown"
    VALIDATION_ERROR = "validation_error"
    CLIENT_INVALID = "client_invalid"
    SERVER_ERROR = "server_error"
    REJECTED_SPAM = "rejected_spam"
    RECIPE_NEEDED = "recipe_needed"
    RECIPE_STALE = "recipe_stale"
    NO_FORM = "no_form"
    NO_SUBMIT = "no_submit"
    BLOCKED_CAPTCHA = "blocked_captcha"
    BLOCKED_BOT = "blocked_bot"
    BLOCKED_HTTP = "blocked_http"
    BLOCKED_CONSENT_WALL = "blocked_consent_wall"
    BLOCKED_LOGIN = "blocked_login"
    BLOCKED_ROBOTS = "blocked_robots"
    BLOCKED_POLICY = "blocked_policy"
    TIMEOUT = "timeout"
    INTERNAL_ERROR = "internal_error"


class FormAgent(StrEnum):
    """What the one submission through a web form says it is. A declared program would unblind the probe."""

    PLAIN = "plain"  # the browser's own words, never a disguise
    DECLARED = "declared"  # the study's name


class FieldRole(StrEnum):
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    MIDDLE_NAME = "middle_name"
    EMAIL = "email"
    EMAIL_CONFIRM = "email_confirm"
    PHONE = "phone"
    SUBJECT = "subject"
    MESSAGE = "message"
    COUNTRY = "country"
    CITY = "city"
    STATE = "state"
    ZIP = "zip"
    ADDRESS = "address"
    COMPANY = "company"
    URL = "url"
    CAPTCHA = "captcha"
    HONEYPOT = "honeypot"
    CONSENT = "consent"
    MARKETING = "marketing"
    SALUTATION = "salutation"
    ORDER_NO = "order_no"
    SUBMIT = "submit"
    OTHER = "other"


class ReplyKind(StrEnum):
    """Exclusive kinds of what comes back; flags stand on top of them."""

    BOUNCE = "bounce"
    DELIVERY_DELAY = "delivery_delay"
    AUTO_ACK = "auto_ack"
    OUT_OF_OFFICE = "out_of_office"
    HUMAN_REPLY = "human_reply"
    AUTOMATED_ANSWER = "automated_answer"
    FOLLOWUP = "followup"
    READ_RECEIPT = "read_receipt"
    CHALLENGE = "challenge"
    UNSOLICITED = "unsolicited"


class ReplyFlag(StrEnum):
    ACKNOWLEDGES_ONLY = "acknowledges_only"  # a person writes "we look into it"
    ASKS_FOR_INFO = "asks_for_info"
    HANDOFF = "handoff"
    HAS_TICKET = "has_ticket"
    NEXT_STEP = "next_step"  # a person says what happens next and who does it: "passed on", "it will be built"
    CLOSED = "closed"  # company holiday, against one person away
    RETURN_DATE = "return_date"
    PARTIAL = "partial"  # answers only part of the inquiry (set by coders and by the rehearsal world)


class FollowUpKind(StrEnum):
    CHECKS_BACK = "checks_back"
    KEEPS_PROMISE = "keeps_promise"
    PROGRESS = "progress"
    SURVEY = "survey"  # shown, never scored


class HandOffState(StrEnum):
    NONE = "none"
    OPEN = "open"
    COMPLETED = "completed"  # they pass it on, or the answer comes on the other channel
    LOST = "lost"  # the sender must start again


class AcknowledgedBy(StrEnum):
    AUTO = "auto"
    HUMAN = "human"


class Exclusion(StrEnum):
    """Why a probe is counted on the quality panel and not in the figures."""

    SEND_ERROR = "send_error"
    BARRIER = "barrier"
    BOUNCED = "bounced"
    REPLY_BEFORE_T0 = "reply_before_t0"
    INVALID = "invalid"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


class LeaderboardClass(StrEnum):
    RANKED = "ranked"
    TOO_FEW = "too_few"
    UNREACHABLE = "unreachable"
    NOT_OFFERED = "not_offered"
    OPTED_OUT = "opted_out"


class EventKind(StrEnum):
    """The append-only log everything else derives from."""

    CLAIMED = "claimed"
    TASK_OPENED = "task_opened"
    ACCEPTED = "accepted"
    RETRY_LATER = "retry_later"
    FAILED = "failed"
    BARRIER = "barrier"
    UNCONFIRMED = "unconfirmed"
    RESOLVED = "resolved"
    REPLY = "reply"
    OBSERVATION = "observation"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class ObservationKind(StrEnum):
    CHECK = "check"  # looked, and nothing there
    REPLY = "reply"
    REMOVED = "removed"


class Precision(StrEnum):
    ID = "id"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    INTERVAL = "interval"


class DecidedBy(StrEnum):
    RULES = "rules"
    PERSON = "person"


class MatchedBy(StrEnum):
    """Which evidence placed a message, strongest first."""

    ENVELOPE = "envelope"
    ADDRESS = "address"
    THREAD = "thread"
    LEARNED = "learned"
    RETURNED = "returned"
    TICKET = "ticket"
    SUBJECT = "subject"
    QUOTE = "quote"
    PERSON = "person"


class MailTrouble(StrEnum):
    """What kind of trouble a mail server makes; its own words stand beside it."""

    NO_ANSWER = "no_answer"  # nobody listens there
    SILENT = "silent"  # somebody listens and says nothing in time
    ENCRYPTION = "encryption"
    LOG_IN = "log_in"
    NO_LOG_IN = "no_log_in"  # one is set, and the server knows none
    ANSWER = "answer"  # says something that makes no sense, or that it cannot
    FOREIGN = "foreign"  # the sandbox reaches no other machine
    OTHER = "other"


class ErrandKind(StrEnum):
    """What a page may ask the hands for."""

    DISCOVER = "discover"  # contact points of a web site
    REHEARSE = "rehearse"  # one contact form, up to the click
    MAILBOX = "mailbox"  # log in both ways, look the domain's records up


class ErrandState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
