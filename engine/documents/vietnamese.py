"""How official papers write days, counts, money and names (Decree 30/2020, Annex I; HD 36-HD/VPTW 2018).

Days get two digits, months only 1 and 2 (`ngày 05 tháng 01 năm 2022`, `ngày 12 tháng 6 năm 2022`). A word and
its number are joined by a no-break space, so that no line ends between them. Numbers are read in the northern way (linh, nghìn).
"""

from __future__ import annotations

import unicodedata
from datetime import date

NBSP = "\u00a0"
DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES = ("", "nghìn", "triệu", "tỷ")
LARGEST = 10**18

# letters in dictionary order; tones in dictionary order (level, falling, hỏi, ngã, rising, heavy)
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def padded(number: int) -> str:
    return f"{number:02d}" if number < 3 else str(number)


def long_day(day: date) -> str:
    """`ngày 05 tháng 3 năm 2022`."""
    return f"ngày{NBSP}{day.day:02d} tháng{NBSP}{padded(day.month)} năm{NBSP}{day.year}"


def blank_day(day: date) -> str:
    """The date line of a draft: the day is written when it is signed."""
    return f"ngày{NBSP * 6}tháng{NBSP * 6}năm{NBSP}{day.year}"


def short_day(day: date) -> str:
    """`05/3/2022`."""
    return f"{day.day:02d}/{padded(day.month)}/{day.year}"


def count(number: int) -> str:
    """`07`: counts in the text of a paper have two digits."""
    return f"{number:02d}"


def money(amount: int) -> str:
    """`1.250.000` without the word for the currency."""
    return f"{amount:,}".replace(",", ".")


def words(number: int) -> str:
    """`một triệu không trăm linh năm nghìn`. Raises ValueError outside 0 <= number < 10**18."""
    if not 0 <= number < LARGEST:
        raise ValueError(f"{number} cannot be written in words here")
    if number < 1000:
        return _hundreds(number, full=False)
    billions, rest = divmod(number, 10**9)
    parts = [words(billions), "tỷ"] if billions else []
    for power in (2, 1, 0):
        group = rest // 1000**power % 1000
        if group:
            parts += [_hundreds(group, full=bool(parts)), SCALES[power]]
    return " ".join(part for part in parts if part)


def _hundreds(number: int, *, full: bool) -> str:
    """Three digits; `full` says the hundreds even where there are none, as inside a longer number."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = [DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens == 0:
        if said:
            said += ["linh", DIGITS[ones]] if ones else []
        else:
            said = [DIGITS[ones]]
    else:
        said += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
        said += [_one(tens, ones)] if ones else []
    return " ".join(said)


def _one(tens: int, ones: int) -> str:
    if ones == 5:
        return "lăm"
    if ones == 1 and tens > 1:
        return "mốt"
    return DIGITS[ones]


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """With a small first letter, unless the first word is an abbreviation (`UBND`)."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def letter_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Dictionary order: letters first, then tones, then capitals."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", text):
        base, tone = _split(char.lower())
        letters.append(_place(base))
        tones.append(tone)
    return tuple(letters), tuple(tones), text


def _place(base: str) -> int:
    """Spaces and signs first, then digits, then letters."""
    if base in _LETTERS:
        return 11 + _LETTERS.index(base)
    return 1 + int(base) if base in "0123456789" else 0


def _split(char: str) -> tuple[str, int]:
    tone, rest = 0, []
    for part in unicodedata.normalize("NFD", char):
        if part in _TONES:
            tone = _TONES[part]
        else:
            rest.append(part)
    return unicodedata.normalize("NFC", "".join(rest)), tone


def name_key(name: str) -> tuple[object, ...]:
    """Lists of people go by given name, then family name, then what stands between."""
    parts = name.split() or [""]
    return tuple(letter_key(part) for part in (parts[-1], parts[0], " ".join(parts[1:-1])))
