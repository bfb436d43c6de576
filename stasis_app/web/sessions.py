"""Sessions as signed tokens: any process with the same key accepts them, and a restart logs nobody out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

import msgspec

COOKIE = "stasis_acd_session"
SECURE_COOKIE = "__Host-stasis_acd_session"
"""Browsers take a cookie of this name only with Secure, Path=/ and no Domain."""


class Session(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token says. Times are milliseconds since 1970."""

    user: str
    stamp: str
    """The user's stamp at log-in: a changed password ends the session."""
    expires_at: int
    nonce: str


class Sessions:
    """Issues and checks tokens. A log-out is remembered by this process until the token would have ended."""

    def __init__(self, key: str, *, hours: float) -> None:
        self._key = hashlib.sha256(b"stasis-acd session " + key.encode()).digest()
        self._lifetime_ms = int(hours * 3_600_000)
        self._ended: dict[str, int] = {}

    @property
    def lifetime_s(self) -> int:
        """How long a session lasts, seconds."""
        return self._lifetime_ms // 1000

    def issue(self, user: str, stamp: str, *, now: int) -> str:
        """A token for this user, from now."""
        session = Session(user=user, stamp=stamp, expires_at=now + self._lifetime_ms, nonce=secrets.token_urlsafe(12))
        payload = msgspec.json.encode(session)
        return f"{_text(payload)}.{_text(self._sign(payload))}"

    def read(self, token: str, *, now: int) -> Session | None:
        """What the token says, if we signed it and it has not ended."""
        payload_text, _, signature_text = token.partition(".")
        try:
            payload, signature = _bytes(payload_text), _bytes(signature_text)
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(signature, self._sign(payload)):
            return None
        try:
            session = msgspec.json.decode(payload, type=Session)
        except msgspec.MsgspecError:
            return None
        return session if self.stands(session, now=now) else None

    def stands(self, session: Session, *, now: int) -> bool:
        """Whether the session has neither run out nor been ended here."""
        return session.expires_at > now and session.nonce not in self._ended

    def end(self, session: Session, *, now: int) -> None:
        """The token is worth nothing from now on."""
        self._ended = {nonce: until for nonce, until in self._ended.items() if until > now}
        self._ended[session.nonce] = session.expires_at

    def _sign(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
