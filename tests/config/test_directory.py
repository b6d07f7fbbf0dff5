"""directory.toml: every name in it is checked, and what it says arrives in the directory."""

from __future__ import annotations

import pytest


def test_the_directory_of_2022(site):
    found = site.load().directory
    assert (
        found.people["F01"].rank == "TTTU"
        and found.people["F01"].tttu_member
        and found.people["F01"].level == "CENTRAL"
    )
    assert found.bodies["thanh_uy_ha_noi"].profile == "party" and found.bodies["bo_ngoai_giao"].external
    assert found.office("thuong_truc_thanh_uy") == "van_phong_thanh_uy"
    assert [seat.person for seat in found.holders("so_ngoai_vu", "decide")] == ["F21"]
    assert found.holders("thuong_truc_thanh_uy", "decide")[0].capacity == "records the decision of the collective"
    assert found.lists["all proposers"][0] == "so_ngoai_vu"


def test_roles_and_flags(site):
    found = site.load().directory
    assert found.people["F14"].roles == ("auditor",) and found.people["F26"].roles == ("admin",)
    assert [slug for slug, body in found.bodies.items() if "extinfo_reporter" in body.flags] == [
        "so_du_lich",
        "so_van_hoa_va_the_thao",
    ]


def test_a_second_holder_has_a_seat_of_its_own(site):
    site.edit(
        '{ person = "F21", right = "decide" },',
        '{ person = "F21", right = "decide" }, { person = "F08", right = "decide" },',
        site.directory,
    )
    seats = site.load().directory.holders("so_ngoai_vu", "decide")
    assert [seat.id for seat in seats] == ["so_ngoai_vu.decide", "so_ngoai_vu.decide#2"]


def test_names_are_kept_composed(site):
    site.edit("Đỗ Quang Mẫu", "Đỗ Quang Mẫu", site.directory)
    assert site.load().directory.people["F01"].name == "Đỗ Quang Mẫu"


REFUSED = [
    ('{ person = "F12", right = "decide" }', '{ person = "F99", right = "decide" }', '"F99"', "unknown person 'F99'"),
    (
        '{ person = "F12", right = "decide" }',
        '{ person = "f12", right = "decide" }',
        '"f12"',
        "unknown person 'f12' (did you mean 'F12'?)",
    ),
    (
        '{ person = "F12", right = "decide" }',
        '{ person = "F12", right = "decides" }',
        '"decides"',
        "'right' is one of 'decide', 'head', 'secretary', 'clerk'; here it is 'decides' (did you mean 'decide'?)",
    ),
    (
        '{ person = "F12", right = "decide" }',
        '{ person = "F12", right = "head" }',
        'F12", right = "head" }, {',
        "F12 holds 'head' of this body twice",
    ),
    (
        '{ person = "F12", right = "decide" }',
        '{ person = "F12", right = "decide", seat = 1 }',
        "seat = 1",
        "unknown key 'seat' in seats.ban_to_chuc_thanh_uy[1]",
    ),
    (
        "ban_to_chuc_thanh_uy            = [{",
        "ban_to_chuc_thanh            = [{",
        "ban_to_chuc_thanh  ",
        "unknown body 'ban_to_chuc_thanh' (did you mean 'ban_to_chuc_thanh_uy'?)",
    ),
    (
        'office = "van_phong_uy_ban_nhan_dan"',
        'office = "van_phong_ubnd"',
        "van_phong_ubnd",
        "unknown body 'van_phong_ubnd' (did you mean 'van_phong_uy_ban_nhan_dan'?)",
    ),
    (
        'fallback = "ban_thuong_vu_thanh_uy"',
        'fallback = "thuong_truc_thanh_uy"',
        "thuong_truc_thanh_uy            = {",
        "'fallback' goes round in a circle: thuong_truc_thanh_uy → thuong_truc_thanh_uy",
    ),
    (
        'org = "SNgV"',
        'org = ""',
        "so_ngoai_vu         ",
        "'so_ngoai_vu' has no org: what stands in the numbers of its papers (or say external = true)",
    ),
    ('en = "Department of Tourism"', 'eng = "Department of Tourism"', "so_du_lich         ", None),
    ('en = "Department of Tourism"', 'en = "  "', "so_du_lich         ", "the text is empty"),
    (
        'en = "Department of Tourism"',
        'en = "a\\u202eb"',
        "so_du_lich         ",
        "'en' holds control or direction characters",
    ),
    (
        "extinfo_reporter = true }\nso_ke_hoach",
        "externl = true }\nso_ke_hoach",
        "externl",
        "unknown key 'externl' (did you mean 'external'?)",
    ),
    (
        "extinfo_reporter = true }\nso_ke_hoach",
        'colour = "red" }\nso_ke_hoach',
        "colour",
        "unknown key 'colour' (a flag of a body is a name of your own = true)",
    ),
    ('name = "Lê Thị Thử",      ', "", "F02 = ", "people.F02 has no 'name'"),
    ('mail = "f02@example.vn"', 'mail = "F01@example.vn"', "F02 = ", None),
    ('mail = "f02@example.vn"', 'mail = "f02"', "F02 = ", "'f02' is not a mail address such as an@example.vn"),
    (
        'post = "Giám đốc",            level = "BTVTU",   rank = "",       key_leader = true,  tttu_member = false }\nF03',
        'post = "Giám đốc", rank = "", key_leader = true }\nF03',
        "F02 = ",
        "people.F02 has no 'level'",
    ),
    (
        'rank = "TTUBND"',
        'rank = "TTUBNDTP"',
        "TTUBNDTP",
        "'rank' is one of 'TTTU', 'UVBTV', 'TTHDND', 'TTUBND'; here it is 'TTUBNDTP' (did you mean 'TTUBND'?)",
    ),
    (
        "key_leader = true,  tttu_member = true }",
        'key_leader = "yes",  tttu_member = true }',
        'key_leader = "yes"',
        "'key_leader' must be true or false, not 'yes'",
    ),
    (
        'agency = "vien_nghien_cuu_phat_trien_kinh_te_xa_hoi"',
        'agency = "vien"',
        'agency = "vien"',
        "unknown body 'vien'",
    ),
    ("F25 = {", "f24 = {", "f24 = ", None),
    ("F25 = {", '"F 25" = {', '"F 25"', None),
    ("F25 = {", "F24 = {", 'F24 = { name = "Ông', "'people.F24' is declared twice, first on line 52"),
    ("[seats] ", "[seat] ", "[seat]", "unknown key 'seat' (did you mean 'seats'?)"),
]


@pytest.mark.parametrize(("old", "new", "where", "sentence"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_mistake_is_named_with_its_line(site, old, new, where, sentence):
    site.edit(old, new, site.directory)
    said = site.said()
    start = f"directory.toml:{site.line(where, site.directory)}: "
    assert any(line.startswith(start) for line in said), (start, said)
    assert sentence is None or said == [start + sentence]


def test_two_people_with_one_address_would_be_one_at_sign_in(site):
    site.edit('mail = "f02@example.vn"', 'mail = "F01@Example.VN"', site.directory)
    first = site.line("F01 = ", site.directory)
    assert site.said() == [f"directory.toml:{first + 1}: 'F01@Example.VN' belongs to F01 already (line {first})"]


def test_ids_that_differ_in_case_alone(site):
    site.edit("F25 = {", "f24 = {", site.directory)
    assert "'f24' and 'F24' (line 52) differ only in upper and lower case" in site.said()[0]
