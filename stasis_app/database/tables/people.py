"""Who may log in, and with what secrets phones register."""

# No `from __future__ import annotations` here: SQLModel reads annotations at run time.
# SQLModel types __tablename__ wider than what anybody assigns:
# mypy: disable-error-code="mutable-override"

from sqlmodel import Field

from stasis_app.database.tables.base import Row


class AccountRow(Row, table=True):
    """A person who logs in to the pages."""

    __tablename__ = "account"

    name: str = Field(primary_key=True)
    password_hash: str
    role: str
    agent: str | None


class PhoneSecretRow(Row, table=True):
    """The secret of an agent's pushed phone; kept readable, because phone and Asterisk both need it."""

    __tablename__ = "phone_secret"

    agent: str = Field(primary_key=True)
    secret: str
