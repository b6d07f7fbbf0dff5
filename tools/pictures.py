"""Take the pictures of the README from a running demo: `make run`, then `.venv/bin/python tools/pictures.py [ADDRESS]`.

Needs what `make setup-test` installs (Chromium, poppler). Signs in as a proposer and opens mails as the demo's people do.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.browser import chromium_browser  # noqa: E402
from tests.walk.person import Person  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
SEOUL = "Đoàn xúc tiến du lịch tại Seoul"


def shot(person: Person, name: str, height: int) -> None:
    """The top of the page, in few colours: a picture of text needs no more."""
    path = PICTURES / f"{name}.png"
    person.page.screenshot(path=str(path), full_page=True)
    with Image.open(path) as image:
        cut = image.convert("RGB").crop((0, 0, image.width, min(image.height, height)))
        cut.quantize(64).save(path, optimize=True)


def paper(person: Person, base: str) -> None:
    """The first page of the decision that the closed case issued."""
    person.go("/cases?q=Viêng+Chăn+và+Phnôm+Pênh")
    person.press("main a[href^='/c/'] >> nth=0")
    href = person.page.locator("a[href*='/documents/D-07']").first.get_attribute("href") or ""
    answer = person.context.request.get(base + href)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "d-07.pdf"
        file.write_bytes(answer.body())
        subprocess.run(["pdftoppm", "-r", "55", "-png", "-f", "1", "-l", "1", str(file), f"{folder}/page"], check=True)
        with Image.open(next(Path(folder).glob("page*.png"))) as image:
            image.convert("L").quantize(16).save(PICTURES / "d-07.png", optimize=True)


def main() -> int:
    base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    PICTURES.mkdir(exist_ok=True)
    with chromium_browser() as browser:
        decider = Person(browser, base, "F13", "phone")
        decider.mail(SEOUL, linked=True)
        decider.follow()
        shot(decider, "decision-360", 1100)
        clerk = Person(browser, base, "F08")
        clerk.sign_in()
        paper(clerk, base)
        clerk.go("/cases?q=" + re.sub(" ", "+", "Gia-các-ta"))
        clerk.press("main a[href^='/c/'] >> nth=0")
        shot(clerk, "case-1280", 1100)
    return 0


if __name__ == "__main__":
    sys.exit(main())
