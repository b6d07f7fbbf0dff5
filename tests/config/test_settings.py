"""config.toml: the shipped one loads; every mistake and every unsafe setting is refused with its line and one sentence."""

from __future__ import annotations

import dataclasses
import os

import pytest

from engine.config.find import find_config
from engine.config.settings import load_settings
from engine.definitions.problems import Problems
from tests.support.site import CHECKOUT, SiteFolder

SMTP = """backend = "smtp"
host = "mail.example.vn"
"""


def test_the_shipped_site_loads(site):
    setup = site.load()
    settings = setup.settings
    assert settings.root == site.root and settings.name.vi.startswith("Công tác đối ngoại")
    assert (
        settings.database_url == f"sqlite:///{site.root}/var/trinh.db" and settings.sqlite == site.root / "var/trinh.db"
    )
    assert settings.files.dir == site.root / "var/files" and settings.mail.domain == "example.vn"
    assert settings.warnings == ()
    assert setup.site.reference == {"delegation-out": "DR-{year}-{n}"}


def test_settings_do_not_change(site):
    with pytest.raises(dataclasses.FrozenInstanceError):
        site.load().settings.base_url = "https://else.example.vn"


def test_the_nearest_config_upward_is_found(site):
    deep = site.root / "workflows" / "site"
    assert find_config(deep) == site.config
    assert find_config(site.config) == site.config


def test_relative_paths_count_from_the_file(site, monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert load_settings(site.config).workflows == site.root / "workflows"


def test_what_is_left_out_lies_in_the_data_folder(site):
    for line in ('dir        = "var/files"\n', 'signing    = "var/keys/engine.key"', 'maildir    = "var/maildir"\n'):
        site.edit(line, "# " + line)
    site.edit('data       = "var"', 'data       = "elsewhere"')
    settings = load_settings(site.config)
    assert settings.files.dir == site.root / "elsewhere/files"
    assert settings.keys.signing == site.root / "elsewhere/keys/engine.key"
    assert settings.mail.maildir == site.root / "elsewhere/maildir"


# (text replaced, new text, a text on the line that is named, the sentence)
REFUSED = [
    ('host       = "127.0.0.1"', 'hots = "127.0.0.1"', "hots", "unknown key 'hots' in server (did you mean 'host'?)"),
    ("port       = 8000", 'port = "8000"', "port = ", "'port' must be a whole number, not '8000'"),
    ("port       = 8000", "port = true", "port = ", "'port' must be a whole number, not true"),
    (
        "port       = 8000",
        "port = 70000",
        "port = ",
        "'port' must be less than or equal to 65535, not the number 70000",
    ),
    (
        'backend    = "maildir"',
        'backend = "sendmail"',
        "backend = ",
        "'backend' is one of 'maildir', 'smtp'; here it is 'sendmail'",
    ),
    ('en         = "External affairs of the city of Hanoi"\n', "", "[site]", "site has no English text ('en')"),
    ('from       = "trinh@example.vn"\n', "", "[mail]", "mail has no 'from'"),
    (
        '"http://127.0.0.1:8000"',
        '"http://trinh.example.vn"',
        "base_url",
        "links travel by mail, so base_url must be https (http is accepted on this machine only)",
    ),
    (
        '"http://127.0.0.1:8000"',
        '"trinh.example.vn"',
        "base_url",
        "base_url is a scheme and a host such as https://trinh.example.vn, nothing more",
    ),
    (
        '"http://127.0.0.1:8000"',
        '"https://trinh.example.vn/app"',
        "base_url",
        "base_url is a scheme and a host such as https://trinh.example.vn, nothing more",
    ),
    (
        '"http://127.0.0.1:8000"',
        '"https://user:word@trinh.vn"',
        "base_url",
        "base_url is a scheme and a host such as https://trinh.example.vn, nothing more",
    ),
    (
        '"http://127.0.0.1:8000"',
        '"https://[::1"',
        "base_url",
        "'https://[::1' is not an address such as https://trinh.example.vn",
    ),
    (
        '"http://127.0.0.1:8000"',
        '"https://trinh.so-ngoai-vu.hanoi.example.gov.vn"',
        "base_url",
        "mailed links would have 81 characters and break in mail programs; base_url may have 40",
    ),
    (
        '"Asia/Ho_Chi_Minh"',
        '"Asia/Ho_Chi_Min"',
        "zone  ",
        "unknown time zone 'Asia/Ho_Chi_Min' (did you mean 'Asia/Ho_Chi_Minh'?)",
    ),
    (
        '"Asia/Ho_Chi_Minh"',
        '"Europe/Paris"',
        "zone  ",
        "'Europe/Paris' changes its clocks; Trình counts days with one fixed offset",
    ),
    ('"Asia/Ho_Chi_Minh"', '"../../etc/passwd"', "zone  ", "unknown time zone '../../etc/passwd'"),
    (
        '"sqlite:///var/trinh.db"',
        '"mysql://localhost/trinh"',
        "mysql",
        'the database is "sqlite:///FILE" or "postgresql://USER@HOST/NAME"',
    ),
    (
        '"sqlite:///var/trinh.db"',
        '"sqlite:///:memory:"',
        "memory",
        'SQLite needs a file and nothing more: "sqlite:///var/trinh.db"',
    ),
    (
        '"sqlite:///var/trinh.db"',
        '"postgresql://trinh@db"',
        'trinh@db"',
        'the address lacks the name of the database: "postgresql://USER@HOST/NAME"',
    ),
    (
        '"sqlite:///var/trinh.db"',
        '"postgresql://trinh:pw@db/trinh"',
        "pw@db",
        "the address holds a password; put it into password_env or password_file (or the whole into url_env)",
    ),
    (
        'from       = "trinh@example.vn"',
        'from = "Trình <trinh@example.vn>"',
        "from = ",
        "'Trình <trinh@example.vn>' is not a mail address such as trinh@example.vn",
    ),
    (
        'reply_to   = "so_ngoai_vu@example.vn"',
        'reply_to = "a@b@c"',
        "reply_to",
        "'a@b@c' is not a mail address such as trinh@example.vn",
    ),
    (
        'reply_to   = "so_ngoai_vu@example.vn"',
        'reply_to = "a@example.vn\\r\\nBcc: b@example.vn"',
        "reply_to",
        "'a@example.vn\r\nBcc: b@example.vn' is not a mail address such as trinh@example.vn",
    ),
    (
        '"bounce.example.vn"',
        '"not a domain"',
        "not a domain",
        "'not a domain' is not a domain such as bounce.example.vn",
    ),
    ("trusted_proxies = []", 'trusted_proxies = ["proxy"]', 'proxy"', "'proxy' is not an address or a network"),
    ("case_mb    = 100", "case_mb = 10", "case_mb", "case_mb is smaller than one file may be (file_mb)"),
    ('"workflows/site/directory.toml"', '"nowhere.toml"', "nowhere", "there is no file nowhere.toml"),
    ('templates  = "templates"', 'templates = "nowhere"', "nowhere", "there is no folder nowhere"),
    ('"DR-{year}-{n}"', '"DR-{n}"', "DR-{n}", "'DR-{n}' lacks {year}: two papers would carry one number"),
    ('"DR-{year}-{n}"', '"DR-{year}-{number}"', "{number}", "'DR-{year}-{number}' may hold {n} {year} and plain text"),
    ('"DR-{year}-{n}"', '"DR-{year}-{n!r}"', "{n!r}", "'DR-{year}-{n!r}' may hold {n} {year} and plain text"),
    (
        'state      = "{n}/{kind}-{org}"',
        'state = "{kind}-{org}"',
        "state = ",
        "'{kind}-{org}' lacks {n}: two papers would carry one number",
    ),
    ('state      = "{n}/{kind}-{org}"', 'stat = "{n}"', "stat = ", "unknown profile 'stat'; there are state and party"),
    (
        'term       = "XVII"',
        'term = ""',
        '"thuong_truc_thanh_uy, ban',
        "a series that runs through a term needs [numbering] term",
    ),
    (
        '"so_ngoai_vu: CV" ',
        '"so_ngoai_v: CV" ',
        "so_ngoai_v: CV",
        "unknown body 'so_ngoai_v' (did you mean 'so_ngoai_vu'?)",
    ),
    (
        '"so_ngoai_vu: CV" ',
        '"so_ngoai_vu" ',
        '"so_ngoai_vu" ',
        'a line of [series] is "issuer, issuer: KIND KIND" = { … }',
    ),
    (
        '"so_ngoai_vu: CV" ',
        '"ban_thuong_vu_thanh_uy: CV" ',
        '"ban_thuong_vu_thanh_uy: CV" ',
        'ban_thuong_vu_thanh_uy CV is numbered by two lines; the other is "thuong_truc_thanh_uy, ban_thuong_vu_thanh_uy: TB QĐ TTr CV"',
    ),
    (
        '["ban_thuong_vu_thanh_uy", "thu_tuong',
        '["ban_thuong_vu", "thu_tuong',
        '"ban_thuong_vu"',
        "unknown body 'ban_thuong_vu' (did you mean 'ban_thuong_vu_thanh_uy'?)",
    ),
    (
        '"from: date", "to: date", "state"]',
        '"from: dat", "to: date", "state"]',
        'from: dat"',
        "'dat' is not a type of a column: text, number, date, yes/no, country, person, body, or \"list of\" one of them (did you mean 'date'?)",
    ),
    (
        'keys = ["item"], columns = ["state"]',
        'keys = ["item"], columns = ["item"]',
        "item_uses ",
        "the column 'item' is declared twice",
    ),
    (
        'keys = ["item"], columns = ["state"]',
        'keys = ["item: list of text"], columns = []',
        "item_uses ",
        "the key 'item' cannot be a list",
    ),
    ('keys = ["item"], columns = ["state"]', "keys = [], columns = []", "item_uses ", "'keys' may not be empty"),
    ('as_of: date"], kept_by = "so_ngoai_vu"', 'as_of: date"], kept_by = "so_x"', "so_x", "unknown body 'so_x'"),
]


@pytest.mark.parametrize(("old", "new", "where", "sentence"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_mistake_is_named_with_its_line(site, old, new, where, sentence):
    site.edit(old, new)
    said = site.said()
    assert len(said) == 1, said
    start = f"config.toml:{site.line(where)}: "
    assert said[0].startswith(start), (said, site.line(where))
    assert sentence is None or said[0] == start + sentence


def test_all_mistakes_at_once(site):
    site.edit("port       = 8000", 'port = "x"').edit('"Asia/Ho_Chi_Minh"', '"Mars"').edit("[demo]", "[demos]")
    site.edit("F02 = {", "F0-2 = {", site.directory).edit('"Sunday"', '"Sonday"', site.calendar)
    said = "\n".join(site.said())
    assert (
        "'port' must be" in said
        and "unknown time zone 'Mars'" in said
        and "unknown key 'demos' (did you mean 'demo'?)" in said
    )


def test_mistakes_of_several_files_at_once(site):
    site.edit("F02 = {", "F0-2 = {", site.directory).edit('"Sunday"', '"Sonday"', site.calendar)
    files = {line.split(":")[0] for line in site.said()}
    assert files == {"directory.toml", "calendar.toml"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            'security = "none-loopback-only"',
            'mail to mail.example.vn would leave this machine unencrypted; use security = "starttls" or "tls"',
        ),
        ('username = "trinh"', "[mail] lacks password_env or password_file"),
        ('password_env = "TRINH_TEST_PASSWORD"', "[mail] lacks a username"),
        (
            'password = "x"',
            "unknown key 'password' in mail (passwords do not stand in this file: name password_env or password_file)",
        ),
        (
            'username = "trinh"\npassword_env = "TRINH_TEST_NOTHING"',
            "the environment variable TRINH_TEST_NOTHING is not set",
        ),
        (
            'username = "trinh"\npassword_env = "TRINH_TEST_DEFAULT"',
            "the mail password is one that everybody tries first; choose another",
        ),
        (
            'username = "trinh"\npassword_env = "TRINH_TEST_PASSWORD"\npassword_file = "x"',
            "name either password_env or password_file",
        ),
        ('ca_file = "nowhere.pem"', "there is no file nowhere.pem"),
    ],
)
def test_unsafe_mail_is_refused(site, monkeypatch, change, sentence):
    monkeypatch.setenv("TRINH_TEST_DEFAULT", "ChangeMe")
    monkeypatch.setenv("TRINH_TEST_PASSWORD", "Kx3-9fQ_tulip")
    site.edit('backend    = "maildir"', SMTP + change)
    said = site.said()
    assert len(said) == 1 and said[0].partition(": ")[2] == sentence, said
    assert "tulip" not in "\n".join(p.text() for p in site.problems())


def test_mail_needs_a_host(site):
    site.edit('backend    = "maildir"', 'backend = "smtp"')
    assert site.said() == [f'config.toml:{site.line("smtp")}: backend = "smtp" needs the host of the mail server']


def test_an_unusual_port_is_a_warning(site):
    site.edit('backend    = "maildir"', SMTP + 'security = "tls"')
    (warning,) = site.load().settings.warnings
    assert warning.severity == "warning" and warning.message == 'security = "tls" is usual on port 465, not 587'


def test_production_refuses_what_a_demo_may(site):
    site.edit("production = false", "production = true")
    assert [line.partition(": ")[2] for line in site.said()] == [
        "a production site needs an https base_url",
        'a production site sends real mail: backend = "smtp"',
        "a production site has no demo clock; set 'clock = false'",
    ]


def test_a_password_comes_from_a_file_that_only_the_owner_reads(site):
    site.edit('backend    = "maildir"', SMTP + 'username = "trinh"\npassword_file = "smtp.password"')
    assert "does not exist" in site.said()[0]
    file = site.root / "smtp.password"
    file.write_text("Kx3-9fQ_tulip\n")
    file.chmod(0o640)
    assert f"may be read by others (mode 0640); run: chmod 600 {file}" in site.said()[0]
    file.chmod(0o600)
    password = site.load().settings.mail.password
    assert password is not None and password.reveal() == "Kx3-9fQ_tulip"
    assert "tulip" not in repr(site.load().settings)


def test_a_password_file_that_is_a_link_is_refused(site):
    site.edit('backend    = "maildir"', SMTP + 'username = "trinh"\npassword_file = "smtp.password"')
    (site.root / "real").write_text("Kx3-9fQ_tulip")
    os.symlink(site.root / "real", site.root / "smtp.password")
    assert "cannot be read" in site.said()[0]


def test_a_database_password_stays_out_of_what_is_shown(site, monkeypatch):
    monkeypatch.setenv("TRINH_TEST_PASSWORD", "Kx3/9fQ tulip")
    site.edit(
        '"sqlite:///var/trinh.db"',
        '"postgresql://trinh@db.example.vn:6432/trinh"\npassword_env = "TRINH_TEST_PASSWORD"',
    )
    settings = site.load().settings
    assert settings.database_url == "postgresql+psycopg://trinh:Kx3%2F9fQ%20tulip@db.example.vn:6432/trinh"
    assert settings.database_shown == "postgresql+psycopg://trinh@db.example.vn:6432/trinh"
    assert "tulip" not in repr(settings) and settings.sqlite is None


def test_a_whole_database_address_may_come_from_the_environment(site, monkeypatch):
    monkeypatch.setenv("TRINH_TEST_DATABASE", "postgresql://trinh:tulip@db/trinh")
    site.edit('url        = "sqlite:///var/trinh.db"', 'url_env = "TRINH_TEST_DATABASE"')
    assert site.load().settings.database_url == "postgresql+psycopg://trinh:tulip@db/trinh"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xef\xbb\xbf", "byte order mark"),
        (b"\xff", "is not UTF-8"),
        (b"[site\n", "this is not TOML"),
        (b"production = false\nproduction = true\n", "'production' is declared twice, first on line 1"),
        (b"x = " + b"[" * 500, "nest 16 deep"),
        (b"a" + b".a" * 4000 + b" = 1", "a key path may have 8 parts"),
        (b"x = " + b"9" * 5000, "this is not TOML: a number has too many digits"),
        (b"#" * 300_000, "a file may have 256 kB"),
        (b"", "the file has no 'site'"),
    ],
)
def test_bytes_that_are_no_config(tmp_path, data, sentence):
    file = tmp_path / "config.toml"
    file.write_bytes(data)
    with pytest.raises(Problems) as caught:
        load_settings(file)
    assert sentence in caught.value.text()


def test_a_missing_config(tmp_path):
    with pytest.raises(Problems) as caught:
        load_settings(tmp_path / "config.toml")
    assert "cannot read this file: there is no such file" in caught.value.text()


def test_the_checkout_itself_is_a_site():
    assert load_settings(CHECKOUT / "config.toml").production is False


def test_a_site_folder_helper_is_a_copy(site: SiteFolder):
    assert site.config.read_bytes() == (CHECKOUT / "config.toml").read_bytes()
