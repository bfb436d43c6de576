"""What administrators do: replace the configuration, and say who may log in."""

from __future__ import annotations

from collections.abc import Iterable

from acd.errors import InvalidConfiguration
from acd.lint import Remark
from stasis_app.database import Role
from stasis_app.web.asked import Asked, Reply
from stasis_app.web.bodies import ConfigurationQuery, NewUser, PasswordChange, VersionsQuery
from stasis_app.web.problems import Problem
from stasis_app.web.views import AppliedView, ConfigurationView, PlanView, RemarkView, UserView, VersionView


async def show_configuration(asked: Asked) -> ConfigurationView:
    """The version in force, or any earlier one, as TOML."""
    version = asked.wanted(ConfigurationQuery).version
    text = await asked.services.configuration.text(version)
    if text is None:
        raise Problem(404, "version-unknown", f"there is no version {version} of the configuration")
    return ConfigurationView(version=asked.configuration.version if version is None else version, toml=text)


async def list_versions(asked: Asked) -> tuple[VersionView, ...]:
    """Who applied what when, the latest first."""
    versions = await asked.services.configuration.versions(asked.wanted(VersionsQuery).limit)
    return tuple(
        VersionView(version=entry.version, author=entry.author, applied_at=entry.applied_at) for entry in versions
    )


async def plan_configuration(asked: Asked) -> PlanView:
    """What this TOML text would change, and remarks on it; nothing of it is applied."""
    plan = await asked.services.configuration.plan(await _toml(asked))
    return PlanView(version=plan.version, changes=tuple(plan.changes), remarks=_remarks(plan.remarks))


async def apply_configuration(asked: Asked) -> AppliedView:
    """Replace the whole configuration by this TOML text; nothing of it is applied if it has a fault."""
    applied = await asked.services.configuration.apply(await _toml(asked), asked.who.name)
    return AppliedView(version=applied.version, remarks=_remarks(applied.remarks))


async def _toml(asked: Asked) -> str:
    raw = await asked.request.read()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "not-utf-8", f"the configuration is not UTF-8 text: byte {error.start} is wrong") from None


def _remarks(remarks: Iterable[Remark]) -> tuple[RemarkView, ...]:
    return tuple(RemarkView(place=one.place, sentence=one.sentence, remedy=one.remedy) for one in remarks)


async def list_users(asked: Asked) -> tuple[UserView, ...]:
    """Everybody who may log in, by name."""
    users = await asked.services.users.users()
    return tuple(UserView(name=user.name, role=user.role.value, agent=user.agent) for user in users)


async def add_user(asked: Asked) -> Reply:
    """Let another person log in."""
    wish = asked.sent(NewUser)
    agent = wish.agent or (wish.name if wish.role is Role.AGENT else None)
    try:
        user = await asked.services.users.create_user(wish.name, wish.password, wish.role, agent)
    except InvalidConfiguration as error:
        raise _user_problem(error) from None
    return Reply(content=UserView(name=user.name, role=user.role.value, agent=user.agent), status=201)


async def set_password(asked: Asked) -> None:
    """Give a user another password; the user's sessions end."""
    try:
        await asked.services.users.set_password(asked.path["user"], asked.sent(PasswordChange).password)
    except InvalidConfiguration as error:
        raise _user_problem(error) from None


async def remove_user(asked: Asked) -> None:
    """Let a person log in no more; the user's sessions end."""
    try:
        await asked.services.users.remove_user(asked.path["user"])
    except InvalidConfiguration as error:
        raise _user_problem(error) from None


def _user_problem(error: InvalidConfiguration) -> Problem:
    unknown = any(fault.remedy.startswith("there is no such user") for fault in error.faults)
    detail = "; ".join(
        f"{fault.place}: {fault.remedy}" if "password" in fault.place else str(fault) for fault in error.faults
    )
    return Problem(404 if unknown else 422, "user-unknown" if unknown else "user-invalid", detail, faults=error.faults)
