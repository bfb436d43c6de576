"""How one process is set up: a typed tree from a TOML file and the environment, with every fault told at once.

The environment wins over the file. Names follow the tree: ``STASIS_ACD_REDIS__URL``, ``STASIS_ACD_WEB__PORT``.
Lists are written as JSON: ``STASIS_ACD_ASTERISK='[{"name": "pbx", "url": "http://127.0.0.1:8088/ari", …}]'``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PROCESS_NAME = r"^acd-[a-z0-9]{1,32}$"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProcessSettings(_Section):
    """Who this process is, and where it keeps its files."""

    name: str = Field(default="acd-1", pattern=PROCESS_NAME)
    """Also the Stasis application's name. Unique among the processes of a pool, and the same after a restart."""
    data_folder: Path = Path("build/data")
    lease_ms: int = Field(default=1_500, ge=200, le=60_000)
    """Another process takes this one's calls over when it has been silent for so long."""


class RedisSettings(_Section):
    """The store of live state."""

    url: str = "redis://127.0.0.1:6379/0"
    pool: str = Field(default="default", pattern=r"^[a-z0-9_-]{1,32}$")
    command_timeout_s: float = Field(default=2.0, gt=0, le=60)


class DatabaseSettings(_Section):
    """Configuration and history."""

    url: str = ""
    """An SQLAlchemy URL; empty: SQLite in the data folder."""


def _without_slash(url: str) -> str:
    return url.rstrip("/")


class AsteriskSettings(_Section):
    """One Asterisk that this process serves."""

    name: str = Field(default="pbx", pattern=r"^[a-z0-9_-]{1,32}$")
    url: Annotated[str, AfterValidator(_without_slash)] = "http://127.0.0.1:8088/ari"
    user: str = "acd"
    password: SecretStr = SecretStr("")
    websocket_url: str = ""
    """Where browsers register: ``wss://pbx.example.org:8089/ws``; empty: derived from ``url``."""
    phone_options: dict[str, str] = {}
    """Further options of the endpoints that are pushed for browsers, as in pjsip.conf: ``media_address``, ``allow``."""
    sip_domain: str = ""
    """Domain of the browsers' SIP addresses; empty: the host of ``websocket_url``."""


class IceServer(_Section):
    """A STUN or TURN server for the browsers' phones."""

    urls: tuple[str, ...]
    username: str = ""
    credential: SecretStr = SecretStr("")


class WebSettings(_Section):
    """The control API and the pages."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    socket: Path | None = None
    """Unix socket for the command line; none given: ``control.sock`` in the data folder."""
    ice_servers: tuple[IceServer, ...] = ()
    auto_answer: bool = False
    """Browser phones pick up by themselves."""
    serve_pages: bool = True
    public_origins: tuple[str, ...] = ()
    """Where people reach the pages behind a proxy: ``https://acd.example.org``. With https, cookies are Secure."""


class LogSettings(_Section):
    """What is logged, and how."""

    level: str = Field(default="info", pattern=r"^(debug|info|warning|error)$")
    json_lines: bool = False


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="STASIS_ACD_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    process: ProcessSettings = ProcessSettings()
    redis: RedisSettings = RedisSettings()
    database: DatabaseSettings = DatabaseSettings()
    asterisk: tuple[AsteriskSettings, ...] = (AsteriskSettings(),)
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what the file said."""
        return (env_settings, init_settings)

    @property
    def database_url(self) -> str:
        """The configured URL, or SQLite in the data folder."""
        return self.database.url or f"sqlite:///{self.process.data_folder.absolute() / 'acd.sqlite3'}"

    @property
    def control_socket(self) -> Path:
        """The command line's way in."""
        return self.web.socket or self.process.data_folder / "control.sock"

    @property
    def key_file(self) -> Path:
        """Holds the key by which the command line proves itself."""
        return self.process.data_folder / "control.key"


class InvalidSettings(Exception):
    """The settings cannot be used; the message has one line for each fault."""


def load(path: Path | None) -> Settings:
    """The settings from this file (none: only the environment); raises InvalidSettings with every fault at once."""
    written: dict[str, object] = {}
    if path is not None:
        try:
            written = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidSettings(f"{path}: {error.strerror}; give --settings a file that can be read") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidSettings(f"{path}: not valid TOML: {error}") from None
    try:
        return Settings(**written)  # type: ignore[arg-type]  # pydantic checks what the file says
    except ValidationError as error:
        raise InvalidSettings("\n".join(_line(fault) for fault in error.errors())) from None


def _line(fault: object) -> str:
    assert isinstance(fault, dict)
    place = ".".join(str(part) for part in fault["loc"])
    value = "***" if any(word in place for word in ("password", "credential", "secret")) else repr(fault["input"])
    return f"{place} = {value}: {fault['msg']}"
