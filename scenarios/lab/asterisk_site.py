"""Writes what belongs to one lab's Asterisk: its addresses, its carriers, its SIP phones, secrets."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from scenarios.lab.asterisk_root import AsteriskInstall

__all__ = ["AsteriskSite", "write_configuration"]

# What Asterisk complains about when it is missing, and what its package brings.
PACKAGED = tuple(
    f"{name}.conf"
    for name in (
        *("acl", "ccss", "features", "indications", "pjproject"),
        *("queuerules", "stasis", "udptl", "websocket_client"),
    )
)
TOP = Path(__file__).resolve().parents[2]
# In a checkout, or where the package was installed.
SHIPPED = next(p for p in (TOP / "dialplan", TOP / "stasis_app" / "dialplan") if p.is_dir())


@dataclass(frozen=True, kw_only=True)
class AsteriskSite:
    """What one Asterisk of a lab is told about the world around it.

    `carriers` maps the address of a carrier to its RTP time-out in seconds (0: callers may be
    silent for ever). `phones` are SIP accounts, all with `phone_password`; `in_fallback` puts them
    into the fall-back queue. `extra` appends lines to a site file, such as {"pjsip.conf": "..."},
    or to a shipped file that has none.
    """

    host: str
    http_port: int
    sip_port: int
    rtp_ports: tuple[int, int] = (10000, 20000)
    carriers: Mapping[str, int] = field(default_factory=dict)
    phones: tuple[str, ...] = ()
    in_fallback: bool = True
    phone_password: str = field(default_factory=lambda: secrets.token_hex(12))
    phone_rtp_timeout_s: int = 0
    qualify_frequency_s: int = 30
    ari_password: str = field(default_factory=lambda: secrets.token_hex(24))
    entity: str = "02:00:00:00:00:01"
    extra: Mapping[str, str] = field(default_factory=dict)


def write_configuration(site: AsteriskSite, folder: Path, seen_as: Path, install: AsteriskInstall) -> None:
    """Copies the shipped configuration to `folder`/etc and writes its site files.

    `seen_as` is the path of `folder` for Asterisk, which may run in a root of its own.
    """
    etc = folder / "etc"
    packaged = (install.root or Path("/")) / "etc" / "asterisk"
    shutil.rmtree(etc, ignore_errors=True)
    shutil.copytree(SHIPPED, etc, ignore=shutil.ignore_patterns("site.example", "*.md"))
    for name in PACKAGED:
        with suppress(FileNotFoundError):
            shutil.copy(packaged / name, etc / name)
    for name in ("run", "log", "spool/recording", "db", "keys/keys", "var", "cache"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with (etc / "asterisk.conf").open("a") as conf:
        conf.write(directories(site, seen_as, install))
    texts = {
        "http.conf": f"bindaddr={site.host}\nbindport={site.http_port}\n",
        "ari.conf": f"password={site.ari_password}\n",
        "rtp.conf": "rtpstart={}\nrtpend={}\n".format(*site.rtp_ports),
        "queues.conf": "".join(f"member => PJSIP/{name}\n" for name in site.phones if site.in_fallback),
        "extensions.conf": "",
        "pjsip.conf": pjsip(site),
    }
    (etc / "site").mkdir(mode=0o700)
    for name, text in texts.items():
        (etc / "site" / name).write_text(text + site.extra.get(name, ""))
    for name in site.extra.keys() - texts.keys():
        with (etc / name).open("a") as conf:
            conf.write(site.extra[name])


def directories(site: AsteriskSite, seen_as: Path, install: AsteriskInstall) -> str:
    places = {
        "etc": seen_as / "etc",
        "mod": install.modules,
        "varlib": seen_as / "var",
        "db": seen_as / "db",
        "key": seen_as / "keys",
        "data": install.data,
        "agi": seen_as / "var",
        "spool": seen_as / "spool",
        "run": seen_as / "run",
        "log": seen_as / "log",
        "cache": seen_as / "cache",
    }
    lines = "".join(f"ast{name}dir => {place}\n" for name, place in places.items())
    node = f"systemname=lab-{site.entity.replace(':', '')}\nentityid={site.entity}\n"
    return f"{node}\n[directories]\n{lines}"


def pjsip(site: AsteriskSite) -> str:
    media = f"media_address={site.host}\nbind_rtp_to_media_address=yes\n"
    template = "(+TEMPLATES=include)"
    parts = [
        f"[transport-udp](+)\nbind={site.host}:{site.sip_port}\n",
        f"[acd-carrier]{template}\n{media}",
        # A load phone registers from one port and answers at another, and no NAT is in between.
        f"[acd-agent]{template}\n{media}rewrite_contact=no\nrtp_timeout={site.phone_rtp_timeout_s}\n",
        f"[acd-agent-aor]{template}\nqualify_frequency={site.qualify_frequency_s}\n",
    ]
    for number, (address, rtp_timeout_s) in enumerate(site.carriers.items(), start=1):
        parts.append(
            f"[carrier-{number}](acd-carrier)\nrtp_timeout={rtp_timeout_s}\n"
            f"[carrier-{number}-address]\n"
            f"type=identify\nendpoint=carrier-{number}\nmatch={address}\n"
        )
    parts.extend(
        f"[{name}](acd-agent)\nauth={name}\naors={name}\n"
        f"[{name}](acd-agent-auth)\nusername={name}\npassword={site.phone_password}\n"
        f"[{name}](acd-agent-aor)\n"
        for name in site.phones
    )
    return "\n".join(parts)
