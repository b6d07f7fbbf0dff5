"""What is wrong or unsafe in the text of config.toml, before anything is opened: one sentence a problem, with its line."""

from __future__ import annotations

import ipaddress
import re
import string
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.config.place import BadDatabase, Folder, split_password
from engine.config.schema import ConfigFile, MailTable
from engine.config.secret import BadSecret, Secret, default_text, from_environment, from_file
from engine.definitions.positions import Path
from engine.definitions.problems import Problem, did_you_mean
from engine.definitions.source import Source

LONGEST_LINK = 75  # characters of a mailed link; longer ones are broken by mail programs
_TOKEN = len("/d/") + 32
_HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


def loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host.lower() in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def mail_address(text: str) -> bool:
    """Whether `text` is one plain address: ASCII, one @, a domain; no name, no space, no line end."""
    local, _, domain = text.rpartition("@")
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return bool(_ADDRESS.fullmatch(text) and _HOST.fullmatch(domain) and not dots)


def placeholders(pattern: str) -> set[str] | None:
    """Names in braces; None when the braces do not fit or hold anything but a name."""
    try:
        parsed = list(string.Formatter().parse(pattern))
    except ValueError:
        return None
    if any(
        name is not None and (not name.isidentifier() or spec or conversion) for _, name, spec, conversion in parsed
    ):
        return None
    return {name for _, name, _, _ in parsed if name is not None}


class Checks:
    """Collects problems of one config.toml; keeps the secrets it read on the way (the database's stands in its address)."""

    def __init__(self, file: ConfigFile, source: Source, folder: Folder):
        self.file, self.source, self.folder = file, source, folder
        self.problems: list[Problem] = []
        self.database_url = ""
        self.mail_password: Secret | None = None

    def refuse(self, code: str, message: str, *path: str | int, key: bool = False, hint: str = "") -> None:
        self.problems.append(self.source.problem(code, message, path, key=key, hint=hint))

    def warn(self, code: str, message: str, *path: str | int, hint: str = "") -> None:
        self.problems.append(self.source.problem(code, message, path, hint=hint, severity="warning"))

    def all(self) -> None:
        self.base_url()
        self.zone()
        self.database()
        self.mail()
        self.files()
        self.patterns()
        self.paths()
        if self.file.production and self.file.demo.clock:
            self.refuse("E606", "a production site has no demo clock; set 'clock = false'", "demo", "clock")

    def base_url(self) -> None:
        text, path = self.file.site.base_url, ("site", "base_url")
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return self.refuse("E601", f"'{text}' is not an address such as https://trinh.example.vn", *path)
        bare = not (parts.username or parts.query or parts.fragment or parts.path.strip("/"))
        named = bool(_HOST.fullmatch(host) or ":" in host)
        if parts.scheme not in ("http", "https") or not named or not bare or port == 0:
            return self.refuse(
                "E601", "base_url is a scheme and a host such as https://trinh.example.vn, nothing more", *path
            )
        if parts.scheme == "http" and not loopback(host):
            self.refuse(
                "E601", "links travel by mail, so base_url must be https (http is accepted on this machine only)", *path
            )
        elif parts.scheme == "http" and self.file.production:
            self.refuse("E601", "a production site needs an https base_url", *path)
        most = LONGEST_LINK - _TOKEN
        if len(text.rstrip("/")) > most:
            length = len(text.rstrip("/")) + _TOKEN
            message = (
                f"mailed links would have {length} characters and break in mail programs; base_url may have {most}"
            )
            self.refuse("E601", message, *path)

    def zone(self) -> None:
        name, path = self.file.site.zone, ("site", "zone")
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            known = available_timezones()
            if not known:
                return self.refuse(
                    "E602", "this machine has no time zone data; install the Debian package tzdata", *path
                )
            return self.refuse("E602", f"unknown time zone '{name}'", *path, hint=did_you_mean(name, known))
        if len({offset(zone, year, month) for year in range(2015, 2038) for month in (1, 7)}) > 1:
            self.refuse("E602", f"'{name}' changes its clocks; Trình counts days with one fixed offset", *path)

    def database(self) -> None:
        """The whole address, its password in it."""
        table = self.file.database
        if (table.url is None) == (table.url_env is None):
            return self.refuse("E603", "[database] needs either url or url_env", "database", key=True)
        path = ("database", "url" if table.url is not None else "url_env")
        password = self._secret("database", table.password_env, table.password_file)
        try:
            url, found = (
                (table.url, "")
                if table.url is not None
                else split_password(from_environment(table.url_env or "").reveal())
            )
            self.database_url = self.folder.database(url, found or (password.reveal() if password else ""))
        except (BadSecret, BadDatabase) as error:
            self.refuse("E603", str(error), *path)

    def _secret(self, table: str, variable: str | None, file: str | None) -> Secret | None:
        if variable is not None and file is not None:
            self.refuse("E605", "name either password_env or password_file", table, "password_file", key=True)
            return None
        try:
            if variable is not None:
                return from_environment(variable)
            return from_file(self.folder.path(file)) if file is not None else None
        except BadSecret as error:
            self.refuse("E605", str(error), table, "password_env" if variable is not None else "password_file")
            return None

    def mail(self) -> None:
        mail = self.file.mail
        for key, text in (("from", mail.sender), ("reply_to", mail.reply_to), ("operator", mail.operator)):
            if text and not mail_address(text):
                self.refuse("E604", f"'{text}' is not a mail address such as trinh@example.vn", "mail", key)
        if any(ord(char) < 32 or ord(char) == 127 for char in mail.sender_name):
            self.refuse("E604", "from_name holds control characters", "mail", "from_name")
        if mail.bounce_domain and not _HOST.fullmatch(mail.bounce_domain):
            self.refuse(
                "E604", f"'{mail.bounce_domain}' is not a domain such as bounce.example.vn", "mail", "bounce_domain"
            )
        if mail.backend == "smtp":
            self._smtp(mail)
        elif self.file.production:
            self.refuse("E604", 'a production site sends real mail: backend = "smtp"', "mail", "backend")

    def _smtp(self, mail: MailTable) -> None:
        if not mail.host:
            self.refuse("E604", 'backend = "smtp" needs the host of the mail server', "mail", "backend")
        elif not _HOST.fullmatch(mail.host) and not ipaddress_like(mail.host):
            self.refuse("E604", f"'{mail.host}' is not a host name such as mail.example.vn", "mail", "host")
        elif mail.security == "none-loopback-only" and not loopback(mail.host):
            message = f'mail to {mail.host} would leave this machine unencrypted; use security = "starttls" or "tls"'
            self.refuse("E604", message, "mail", "security" if "security" in self.source.data["mail"] else "host")
        if (mail.security, mail.port) in (("tls", 587), ("starttls", 465)):
            usual = 465 if mail.security == "tls" else 587
            self.warn(
                "E604", f'security = "{mail.security}" is usual on port {usual}, not {mail.port}', "mail", "security"
            )
        given = mail.password_env is not None or mail.password_file is not None
        if bool(mail.username) != given:
            lacking = "password_env or password_file" if mail.username else "a username"
            self.refuse("E605", f"[mail] lacks {lacking}", "mail", key=True)
        self.mail_password = password = self._secret("mail", mail.password_env, mail.password_file)
        if password is not None and default_text(password.reveal()):
            where = "password_env" if mail.password_env is not None else "password_file"
            self.refuse("E605", "the mail password is one that everybody tries first; choose another", "mail", where)
        if mail.ca_file is not None and not self.folder.path(mail.ca_file).is_file():
            self.refuse("E607", f"there is no file {mail.ca_file}", "mail", "ca_file")

    def files(self) -> None:
        if self.file.files.case_mb < self.file.files.file_mb:
            self.refuse("E104", "case_mb is smaller than one file may be (file_mb)", "files", "case_mb")
        for number, address in enumerate(self.file.server.trusted_proxies):
            try:
                ipaddress.ip_network(address, strict=False)
            except ValueError:
                self.refuse("E104", f"'{address}' is not an address or a network", "server", "trusted_proxies", number)

    def patterns(self) -> None:
        """Number patterns: a counter in each, no unknown part."""
        for name, pattern in self.file.numbering.reference.items():
            self._pattern(pattern, {"n", "year"}, {"n", "year"}, ("numbering", "reference", name))
        for name, pattern in self.file.profiles.items():
            if name not in ("state", "party"):
                self.refuse("E103", f"unknown profile '{name}'; there are state and party", "profiles", name, key=True)
            self._pattern(pattern, {"n", "kind", "org", "unit", "year"}, {"n"}, ("profiles", name))
        for name, row in self.file.series.items():
            if row.pattern is not None:
                self._pattern(row.pattern, {"n", "kind", "org", "unit", "year"}, {"n"}, ("series", name, "pattern"))
            if row.period == "term" and not self.file.numbering.term:
                self.refuse(
                    "E608", "a series that runs through a term needs [numbering] term", "series", name, "period"
                )

    def _pattern(self, pattern: str, known: set[str], needed: set[str], path: Path) -> None:
        found = placeholders(pattern)
        if found is None or found - known:
            parts = " ".join(f"{{{name}}}" for name in sorted(known))
            return self.refuse("E608", f"'{pattern}' may hold {parts} and plain text", *path)
        for name in sorted(needed - found):
            self.refuse("E608", f"'{pattern}' lacks {{{name}}}: two papers would carry one number", *path)

    def paths(self) -> None:
        for key in ("directory", "calendar"):
            text = getattr(self.file, key)
            if not self.folder.path(text).is_file():
                self.refuse("E607", f"there is no file {text}", key)
        for key in ("workflows", "templates"):
            text = getattr(self.file, key)
            if not self.folder.path(text).is_dir():
                self.refuse("E607", f"there is no folder {text}", *((key,) if key in self.source.data else ()))


def offset(zone: ZoneInfo, year: int, month: int) -> timedelta:
    return datetime(year, month, 1, tzinfo=zone).utcoffset() or timedelta()


def ipaddress_like(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
