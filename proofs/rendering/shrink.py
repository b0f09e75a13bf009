"""Makes small pictures of large ones, in a process of its own, bounded like the one that makes PDFs.

    python -m proofs.rendering.shrink < {"name": "base64 of a picture"} > {"name": "base64 of a small JPEG"}

What cannot be decoded, or is odd in any way, is left out. What comes out was drawn anew: nothing that a file
held beside its picture goes on.
"""

import base64
import json
import sys
from io import BytesIO
from typing import Final

from proofs.rendering.child import bind

FORMATS: Final = ("PNG", "JPEG", "WEBP")
PIXELS: Final = 40_000_000
BOX: Final = (640, 480)


def small(content: bytes) -> bytes | None:
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > PIXELS or getattr(picture, "n_frames", 1) > 1:
                return None
            picture.draft("RGB", BOX)
            drawn = ImageOps.exif_transpose(picture).convert("RGBA")
    except Exception:
        return None  # whatever is wrong with it, the packet goes out without it
    drawn.thumbnail(BOX)
    ground = Image.new("RGB", drawn.size, "white")
    ground.paste(drawn, mask=drawn.getchannel("A"))
    target = BytesIO()
    ground.save(target, "JPEG", quality=85)
    return target.getvalue()


def main() -> None:
    bind()
    given: dict[str, str] = json.load(sys.stdin)
    made = {name: small(base64.b64decode(text)) for name, text in given.items()}
    kept = {name: base64.b64encode(content).decode() for name, content in made.items() if content}
    json.dump(kept, sys.stdout)


if __name__ == "__main__":
    main()
