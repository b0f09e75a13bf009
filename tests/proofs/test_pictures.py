"""Small pictures of what was delivered: drawn anew, a few, and none of anything odd."""

import hashlib
from io import BytesIO
from typing import Any

import pypdf
import pytest
from PIL import Image

from milestones.files import keep_bytes
from proofs.rendering import pictures, shrink
from proofs.rendering.paper import pdf_of
from tests.proofs import contents

MARK = b"where it was taken"


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 900), **options: Any) -> bytes:
    target = BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, "teal").save(target, kind, **options)
    return target.getvalue()


def upload(number: int, content: bytes, **changes: Any) -> Any:
    """An artifact of a packet, its bytes kept."""
    told = {
        "version_id": f"01990000-0000-7000-8000-{number:012}",
        "content_type": "image/png",
        "sha256": keep_bytes(content),
        "size": len(content),
    }
    return contents.artifact(f"Screen {number}", **{**told, **changes})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_drawn_anew_in_a_small_size(kind):
    made = pictures.shrunk({"one": picture(kind)})

    small = Image.open(BytesIO(made["one"]))
    assert (small.format, small.size) == ("JPEG", (640, 480))


def test_what_a_file_holds_beside_its_picture_goes_no_further():
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()

    made = pictures.shrunk({"one": picture("JPEG", exif=exif), "two": picture() + MARK})

    assert sorted(made) == ["one", "two"]
    assert not any(MARK in small for small in made.values())


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"no picture",
        picture()[:200],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture("GIF"),
        picture("TIFF"),
        picture("PNG", (8000, 6000)),
        picture("WEBP", save_all=True, append_images=[Image.new("RGBA", (1200, 900), "red")]),
    ],
    ids=["empty", "text", "cut", "svg", "gif", "tiff", "huge", "moving"],
)
def test_anything_odd_has_no_small_picture_and_hinders_no_other(odd):
    assert sorted(pictures.shrunk({"odd": odd, "fine": picture()})) == ["fine"]


def test_a_bomb_is_known_by_its_size_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(shrink, "PIXELS", 100)

    assert shrink.small(picture(size=(11, 10))) is None
    assert shrink.small(picture(size=(10, 10))) is not None


def test_the_first_four_pictures_that_are_still_what_they_were_are_chosen(studio):
    changed = upload(9, picture(size=(9, 9)), sha256=hashlib.sha256(b"gone").hexdigest())
    document = upload(8, picture(size=(8, 8)), content_type="application/pdf")
    huge = upload(7, picture(size=(7, 7)), size=pictures.LARGEST + 1)
    fine = [upload(number, picture(size=(100 + number, 100))) for number in range(1, 6)]

    few = pictures.chosen(contents.proof(artifacts=[changed, document, huge, *fine]))
    link = contents.artifact("Page", kind="link", content_type="image/png")

    assert sorted(few) == [artifact["version_id"] for artifact in fine[:3]]
    assert pictures.chosen(contents.proof(artifacts=[link])) == {}
    assert pictures.chosen(contents.handoff()) == {}


def test_a_small_picture_stands_beside_its_artifact(studio):
    told = contents.proof(artifacts=[upload(1, picture()), contents.artifact("Report")])

    pdf = pypdf.PdfReader(BytesIO(pdf_of(told, "a4", pictures=pictures.shrunk(pictures.chosen(told)))))

    trailer: Any = pdf.trailer
    numbers = range(1, trailer["/Size"])
    objects = [found for number in numbers if isinstance(found := pdf.get_object(number), dict)]
    assert [found.get("/Subtype") for found in objects].count("/Image") == 1
    described = [found["/Alt"] for found in objects if "/Alt" in found]
    assert "Small picture of Screen 1" in described
