"""The shape of config.toml: every key, its type and its default. What the keys mean stands in docs/configuration.md.

Strict: no value is turned into another type, and a key that is not listed here is an error. Paths that are left out lie
in the folder `data` (None here).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Word = Annotated[str, Field(min_length=1, max_length=500)]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class SiteTable(Table):
    vi: Word
    en: Word
    base_url: Word
    zone: Word = "Asia/Ho_Chi_Minh"


class ServerTable(Table):
    host: Word = "127.0.0.1"
    port: Port = 8000
    trusted_proxies: list[Word] = []


class DatabaseTable(Table):
    url: Word | None = None
    url_env: Word | None = None
    password_env: Word | None = None
    password_file: Word | None = None


class MailTable(Table):
    backend: Literal["maildir", "smtp"]
    maildir: Word | None = None
    host: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none-loopback-only"] = "starttls"
    username: str = ""
    password_env: Word | None = None
    password_file: Word | None = None
    ca_file: Word | None = None
    sender: Word = Field(alias="from")
    sender_name: Word = Field(default="Trình", alias="from_name")
    reply_to: str = ""
    bounce_domain: str = ""
    operator: str = ""


class SignInTable(Table):
    mode: Literal["mail"] = "mail"
    code_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    idle_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    absolute_hours: Annotated[int, Field(ge=1, le=24)] = 8


class FilesTable(Table):
    dir: Word | None = None
    file_mb: Annotated[int, Field(ge=1, le=1024)] = 25
    case_mb: Annotated[int, Field(ge=1, le=10_240)] = 100


class KeysTable(Table):
    signing: Word | None = None
    secret: Word | None = None


class LimitsTable(Table):
    links_per_minute: Count = 60
    unknown_links: Count = 20
    answers_per_minute: Count = 10
    new_links_per_hour: Count = 3
    body_mb: Annotated[int, Field(ge=1, le=64)] = 2
    disk_free_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 500


class NumberingTable(Table):
    term: str = ""
    reference: dict[str, Word] = {}


class SeriesTable(Table):
    name: Word | None = None
    org: str | None = None
    unit: str = ""
    pattern: Word | None = None
    per: Literal["line", "kind"] = "line"
    period: Literal["year", "term"] = "year"


class RegisterTable(Table):
    keys: Annotated[list[Word], Field(min_length=1)]
    columns: list[Word]
    kept_by: str = ""
    unique: bool = False


class DemoTable(Table):
    clock: bool = False


class ConfigFile(Table):
    production: bool = False
    directory: Word
    calendar: Word
    workflows: Word = "workflows"
    templates: Word = "templates"
    data: Word = "var"
    site: SiteTable
    server: ServerTable = ServerTable()
    database: DatabaseTable = DatabaseTable()
    mail: MailTable
    sign_in: SignInTable = SignInTable()
    files: FilesTable = FilesTable()
    keys: KeysTable = KeysTable()
    limits: LimitsTable = LimitsTable()
    numbering: NumberingTable = NumberingTable()
    profiles: dict[str, Word] = {}
    series: dict[str, SeriesTable] = {}
    groups_of_bodies: dict[str, Annotated[list[Word], Field(min_length=1)]] = {}
    registers: dict[str, RegisterTable] = {}
    demo: DemoTable = DemoTable()
