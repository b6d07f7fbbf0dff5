"""config.toml as frozen values: every default filled in, every path absolute, every unsafe text refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.config.checks import Checks
from engine.config.place import Folder, split_password
from engine.config.schema import ConfigFile
from engine.config.secret import Secret, read_private
from engine.config.shape import shaped
from engine.core.model import Text
from engine.definitions.problems import Problem, Problems
from engine.definitions.source import Source

_MB = 1024 * 1024


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mail:
    """`security`: starttls | tls | none-loopback-only. `domain` stands in Message-IDs: that of `sender`."""

    backend: str  # maildir | smtp
    maildir: Path
    sender: str
    sender_name: str = "Trình"
    host: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    reply_to: str = ""
    bounce_domain: str = ""
    operator: str = ""

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True)
class SignIn:
    mode: str = "mail"
    code_minutes: int = 10
    idle_minutes: int = 30
    absolute_hours: int = 8


@dataclass(frozen=True)
class Files:
    """Where files are kept, and sizes in bytes of one of them and of all of a case."""

    dir: Path
    file_bytes: int
    case_bytes: int


@dataclass(frozen=True)
class Keys:
    """`signing`: Ed25519, PEM. `secret`: random bytes for what must not be guessed. Both 0600, made by `trinh init`."""

    signing: Path
    secret: Path

    def secret_bytes(self) -> bytes:
        """Raises engine.config.secret.BadSecret."""
        return read_private(self.secret)


@dataclass(frozen=True)
class Limits:
    links_per_minute: int = 60
    unknown_links: int = 20
    answers_per_minute: int = 10
    new_links_per_hour: int = 3
    body_bytes: int = 2 * 1024 * 1024
    disk_free_bytes: int = 500 * 1024 * 1024


@dataclass(frozen=True)
class Numbering:
    term: str = ""
    reference: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Demo:
    clock: bool = False


@dataclass(frozen=True)
class Settings:
    """One site. `source` knows the place of every key, for problems found later."""

    path: Path
    root: Path
    production: bool
    name: Text
    base_url: str
    zone: str
    database_url: str = field(repr=False)
    directory: Path
    calendar: Path
    workflows: Path
    templates: Path
    data: Path
    server: Server
    mail: Mail
    sign_in: SignIn
    files: Files
    keys: Keys
    limits: Limits
    numbering: Numbering
    demo: Demo
    file: ConfigFile = field(repr=False)
    source: Source = field(repr=False, compare=False)
    warnings: tuple[Problem, ...] = ()

    @property
    def sqlite(self) -> Path | None:
        """The database file of the embedded store; None on PostgreSQL."""
        scheme, _, path = self.database_url.partition("://")
        return Path(path[1:]) if scheme == "sqlite" else None

    @property
    def database_shown(self) -> str:
        """The database for people: without its password."""
        return split_password(self.database_url)[0]


def load_settings(path: Path) -> Settings:
    """The site of one config.toml. Raises Problems: everything wrong or unsafe in its text."""
    path = path.absolute()
    source = Source.read(path, shown(path))
    file, problems = shaped(ConfigFile, source)
    if file is None:
        raise Problems(problems)
    checks = Checks(file, source, Folder(path.parent))
    checks.problems += problems
    checks.all()
    if any(problem.severity == "error" for problem in checks.problems):
        raise Problems(checks.problems)
    return _settings(path, file, source, checks)


def shown(path: Path) -> str:
    """A path as problems name it: from the working directory where it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _settings(path: Path, file: ConfigFile, source: Source, checks: Checks) -> Settings:
    folder = checks.folder
    data = folder.path(file.data)

    def within(text: str | None, name: str) -> Path:
        return folder.path(text) if text is not None else data / name

    return Settings(
        path=path,
        root=folder.root,
        production=file.production,
        name=Text(file.site.vi, file.site.en),
        base_url=file.site.base_url.rstrip("/"),
        zone=file.site.zone,
        database_url=checks.database_url,
        directory=folder.path(file.directory),
        calendar=folder.path(file.calendar),
        workflows=folder.path(file.workflows),
        templates=folder.path(file.templates),
        data=data,
        server=Server(file.server.host, file.server.port, tuple(file.server.trusted_proxies)),
        mail=_mail(file, folder, within(file.mail.maildir, "maildir"), checks.mail_password),
        sign_in=SignIn(**file.sign_in.model_dump()),
        files=Files(within(file.files.dir, "files"), file.files.file_mb * _MB, file.files.case_mb * _MB),
        keys=Keys(within(file.keys.signing, "keys/engine.key"), within(file.keys.secret, "keys/site.secret")),
        limits=_limits(file),
        numbering=Numbering(file.numbering.term, dict(file.numbering.reference)),
        demo=Demo(file.demo.clock),
        file=file,
        source=source,
        warnings=tuple(checks.problems),
    )


def _mail(file: ConfigFile, folder: Folder, maildir: Path, password: Secret | None) -> Mail:
    mail = file.mail
    return Mail(
        backend=mail.backend,
        maildir=maildir,
        sender=mail.sender,
        sender_name=mail.sender_name,
        host=mail.host,
        port=mail.port,
        security=mail.security,
        username=mail.username,
        password=password,
        ca_file=folder.path(mail.ca_file) if mail.ca_file is not None else None,
        reply_to=mail.reply_to or mail.sender,
        bounce_domain=mail.bounce_domain,
        operator=mail.operator,
    )


def _limits(file: ConfigFile) -> Limits:
    kept = file.limits.model_dump()
    return Limits(body_bytes=kept.pop("body_mb") * _MB, disk_free_bytes=kept.pop("disk_free_mb") * _MB, **kept)
