"""Real photographs that ship inside scientific packages, as a folder like anybody's."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def photograph_folder(tmp_path_factory) -> Path:
    """102 photographs: scikit-image's astronaut (PNG) and matplotlib's Grace Hopper (JPEG) as they
    are, and the 100 faces of Labeled Faces in the Wild that scikit-image ships as an array of 25 by
    25 grey pixels, written as grey PNG and JPEG files in a subfolder.
    """
    import matplotlib
    import skimage

    folder = tmp_path_factory.mktemp("photographs")
    (folder / "lfw").mkdir()
    shutil.copy(Path(skimage.__file__).parent / "data/astronaut.png", folder)
    shutil.copy(Path(matplotlib.get_data_path()) / "sample_data/grace_hopper.jpg", folder)
    faces = np.load(Path(skimage.__file__).parent / "data/lfw_subset.npy")[
        :100
    ]  # the other hundred show no faces
    for i, face in enumerate((255 * faces).round().astype(np.uint8)):
        Image.fromarray(face).save(folder / f"lfw/{i:03}.{'jpg' if i % 2 else 'png'}", quality=95)
    (folder / "notes.txt").write_text("Not a picture, and in nobody's way.")
    return folder
