"""Reading a picture from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

MAX_PIXELS = 50_000_000  # beyond this it is no face picture; refused before it is decoded


def read_image(path: Path, resolution: int) -> Tensor:
    """A picture as [3, resolution, resolution] in [-1, 1]: turned upright, centre square, resized by area.

    ``ValueError`` in one sentence when the file is missing, no image, damaged or implausibly large.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"image: {path} does not exist; give the path of a PNG or JPEG file")
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"image: {path} has {image.width} × {image.height} pixels, more than {MAX_PIXELS:,}; scale it down first")
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith("I"):  # 16 bits: Pillow would clip them at 255
                image = Image.fromarray((np.asarray(image, np.uint32) // 257).astype(np.uint8))
            image = image.convert("RGB")
            image = ImageOps.fit(image, (resolution, resolution), Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"image: {path} cannot be read as an image ({reason}); give a whole PNG or JPEG file") from None
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 127.5 - 1
