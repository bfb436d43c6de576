"""Agents: who is there, what they do, what they want to be, and each one's own desk."""

from __future__ import annotations

from difflib import get_close_matches

from acd.agent import Agent, AgentStatus
from stasis_app.agent_desk import AgentUnknown
from stasis_app.web.asked import Asked
from stasis_app.web.bodies import MyCallsQuery, StatusWish
from stasis_app.web.problems import Problem
from stasis_app.web.showing import agent_view, desk_view, explanation_view, past_call_view
from stasis_app.web.views import (
    AgentView,
    DeskView,
    ExplanationView,
    IceServerView,
    PastCallView,
    PhoneView,
    RegistrationView,
)


async def list_agents(asked: Asked) -> tuple[AgentView, ...]:
    """Every configured agent, by id."""
    snapshot = await asked.services.store.snapshot()
    configuration = asked.configuration
    return tuple(
        agent_view(snapshot.agents.get(agent) or Agent(id=agent), configuration)
        for agent in sorted(configuration.agents)
    )


async def show_agent(asked: Asked) -> AgentView:
    """One agent."""
    agent = _known(asked, asked.path["agent"])
    return agent_view(await asked.services.store.agent(agent) or Agent(id=agent), asked.configuration)


async def set_status(asked: Asked) -> AgentView:
    """Ready, on break with a reason, or logged out. On a call it takes effect for the next one."""
    return await _set_status(asked, asked.path["agent"])


async def set_own_status(asked: Asked) -> AgentView:
    """One's own status: ready, on break with a reason, or logged out."""
    return await _set_status(asked, asked.own_agent)


async def end_wrap_up(asked: Asked) -> AgentView:
    """The work after the call is done: the agent is free for the next one."""
    return agent_view(await asked.services.desk.end_wrap_up(asked.path["agent"]), asked.configuration)


async def end_own_wrap_up(asked: Asked) -> AgentView:
    """End one's own wrap-up."""
    return agent_view(await asked.services.desk.end_wrap_up(asked.own_agent), asked.configuration)


async def explain_agent(asked: Asked) -> ExplanationView:
    """Why this agent gets no call, or which one would come next."""
    agent = _known(asked, asked.path["agent"])
    explanation = await asked.services.explainer.explain_agent(agent)
    if explanation is None:
        raise Problem(409, "not-routed-yet", f"routing has not heard of {agent} yet: try again in a second")
    return explanation_view(agent, explanation)


async def show_desk(asked: Asked) -> DeskView:
    """All that one's own page shows."""
    agent = asked.own_agent
    snapshot = await asked.services.store.snapshot()
    return desk_view(snapshot, snapshot.agents.get(agent) or Agent(id=agent), asked.configuration)


async def show_phone(asked: Asked) -> PhoneView:
    """What one's own browser registers with."""
    profile = asked.configuration.agents[asked.own_agent]
    credentials = await asked.services.phone_of(profile.id)
    registration = None
    if credentials is not None:
        registration = RegistrationView(
            identity=credentials.identity,
            secret=credentials.secret,
            sip_domain=credentials.sip_domain,
            websocket_url=credentials.websocket_url,
            node=credentials.node,
            display_name=profile.shown_as,
        )
    return PhoneView(
        kind=profile.phone.kind.value,
        target=profile.phone.target,
        registration=registration,
        ice_servers=tuple(
            IceServerView(urls=server.urls, username=server.username, credential=server.credential)
            for server in asked.options.ice_servers
        ),
        auto_answer=asked.options.auto_answer,
    )


async def list_own_calls(asked: Asked) -> tuple[PastCallView, ...]:
    """One's own past calls, the latest first."""
    query = asked.wanted(MyCallsQuery)
    calls = await asked.services.history.calls(query.limit, agent=asked.own_agent, since=query.since)
    return tuple(past_call_view(call.record, asked.configuration) for call in calls)


async def _set_status(asked: Asked, agent: str) -> AgentView:
    wish = asked.sent(StatusWish)
    desk = asked.services.desk
    match wish.status:
        case AgentStatus.READY:
            return agent_view(await desk.ready(agent), asked.configuration)
        case AgentStatus.ON_BREAK:
            return agent_view(await desk.take_break(agent, wish.reason or ""), asked.configuration)
        case AgentStatus.LOGGED_OUT:
            return agent_view(await desk.log_out(agent), asked.configuration)


def _known(asked: Asked, agent: str) -> str:
    agents = asked.configuration.agents
    if agent not in agents:
        raise AgentUnknown(agent, tuple(get_close_matches(agent, agents, n=3, cutoff=0.6)))
    return agent
