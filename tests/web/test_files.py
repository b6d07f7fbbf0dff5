"""Downloads: who may have them, and that a browser never shows one inside the site."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from engine.web.files import headers
from tests.web.conftest import Web

PDF = b"%PDF-1.4 kiem thu"


def attached(web: Web, name: str = "Thư mời.pdf", data: bytes = PDF) -> str:
    return str(web.desk.engine.attach(web.case, "F13", name, data).id)


def test_who_has_to_do_with_the_case_gets_the_file(web: Web):
    file = attached(web)
    answer = web.signed_in("F13").get(f"/f/{file}")
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-disposition"] == (
        f"attachment; filename=\"Thu moi.pdf\"; filename*=UTF-8''{quote('Thư mời.pdf')}"
    )
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert web.signed_in("F18").get(f"/f/{file}").status_code == 404
    assert web.client().get(f"/f/{file}").status_code == 401


def test_a_link_opens_the_files_of_its_own_case_only(web: Web):
    token, file = web.mint(web.case, "F13"), attached(web)
    assert web.client().get(f"/d/{token}/f/{file}").content == PDF
    other = web.desk.submitted("F08", title="Đoàn khác", plan_item="OUT-04")
    foreign = web.mint(other, "F21")
    assert web.client().get(f"/d/{foreign}/f/{file}").status_code == 404
    assert web.client().get(f"/d/{'a' * 32}/f/{file}").status_code == 404
    web.desk.act(web.case, "F08", "withdraw")
    assert web.client().get(f"/d/{token}/f/{file}").status_code == 404


def test_a_file_that_changed_on_the_disk_is_not_handed_out(web: Web):
    token, file = web.mint(web.case, "F13"), attached(web, data=b"%PDF-1.4 other")
    root = web.desk.setup.settings.files.dir
    for path in root.rglob("*"):
        if path.is_file() and path.read_bytes() == b"%PDF-1.4 other":
            path.chmod(0o600)
            path.write_bytes(b"changed")
    answer = web.client().get(f"/d/{token}/f/{file}")
    assert answer.status_code == 404
    assert "Tệp này không còn nguyên vẹn" in answer.text


def test_papers_that_are_not_there(web: Web):
    token, client = web.mint(web.case, "F13"), web.signed_in("F13")
    for name in ["D-01-1.pdf", "D-99-4.pdf", "x.pdf", "..%2f..%2fetc", "D-01-99999999999999999999.pdf", "D-01-1.exe"]:
        assert web.client().get(f"/d/{token}/documents/{name}").status_code == 404
        assert client.get(f"/c/{web.case}/documents/{name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "flat"),
    [
        ("../../etc/passwd", "_etc_passwd"),
        ('a"b\r\nX: y.pdf', "a_b_X_ y.pdf"),
        ("\u202egpj.exe", "_gpj.exe"),
        ("....", "_"),
        ("日本.pdf", "file.pdf"),
        ("Đề án.docx", "De an.docx"),
    ],
)
def test_names_are_harmless(name: str, flat: str):
    said = headers(name)["Content-Disposition"]
    assert f'filename="{flat}"' in said
    assert "\r" not in said and "\n" not in said and "/" not in said.replace("UTF-8''", "")
