"""An agent is taken out of the configuration and put in again: what the phone knew before opens nothing any more."""

from __future__ import annotations

from scenarios.centre import Centre
from scenarios.lab.lab import Lab
from scenarios.stories.browser_agent_taken_away.websocket_registration import register, registration_of

QUEUE = """
[queues.support]
numbers = ["100"]
"""
WITH_MIA = f"""{QUEUE}
[agents.mia]
queues = ["support"]
"""
PASSWORD = "correct horse battery"


async def test_an_agent_who_comes_back_has_a_new_phone_secret(lab: Lab) -> None:
    async with Centre.open(lab, WITH_MIA) as centre:
        await centre.api().ask("POST", "users", json={"name": "mia", "password": PASSWORD, "role": "agent"})
        old = await registration_of(centre.acd.web, "mia", PASSWORD)
        taken = await register(old, expires_s=60)
        await centre.configure(QUEUE)
        await centre.configure(WITH_MIA)
        new = await registration_of(centre.acd.web, "mia", PASSWORD)
        with_old, with_new = await register(old, expires_s=60), await register(new, expires_s=60)

        assert old.identity == new.identity
        assert old.secret != new.secret
        assert taken == 200
        assert with_old == 401
        assert with_new == 200
