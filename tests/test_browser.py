"""The browser of the tests renders what people will read."""

from __future__ import annotations


def test_the_browser_renders_vietnamese(chromium):
    page = chromium.new_page(viewport={"width": 360, "height": 640})
    page.set_content("<title>Trình</title><p lang=vi>Quyết định cử đoàn đi công tác</p>")
    assert page.title() == "Trình"
    assert page.inner_text("p") == "Quyết định cử đoàn đi công tác"
    page.close()
