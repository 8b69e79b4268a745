"""One thread for each process of the tests, Python processes that start at once, and real
photographs that ship inside scientific packages, as a folder like anybody's.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Read when NumPy and PyTorch are imported, here and in every process that a test starts: tiny
# networks gain nothing by a second thread, and two wait for each other on a busy machine. Where a
# rule takes two, the one that waits sleeps.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# No example has a time limit of its own: on a busy machine any may wait for a processor.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

WARM = Path(__file__).with_name("warm_python.py")
LONGEST = [
    "tests/workflow/test_workflow.py",
    "tests/workflow/",
    "tests/app/",
    "tests/cli/",
    "tests/systems/",
    "tests/test_documents.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no worker is left alone with one at the end."""

    def place(item: pytest.Item) -> int:
        starts = (i for i, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(starts, len(LONGEST))

    items.sort(key=place)  # stable


@pytest.fixture(scope="session")
def warm_python() -> Iterator[Path]:
    """An executable like this Python, which starts at once (see warm_python.py)."""
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:  # the path of a socket is short
        address = Path(folder, "socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(address))
            listener.listen(64)
            server = subprocess.Popen(
                [sys.executable, WARM, "serve", str(listener.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
            )
        executable = Path(folder, "python")
        command = [sys.executable, "-SE", str(WARM), "run", str(executable), str(address)]
        quoted = " ".join(f"'{word}'" for word in command)
        executable.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n')
        executable.chmod(0o755)
        yield executable
        server.stdin.close()
        server.wait()


@pytest.fixture(scope="session")
def photograph_folder(tmp_path_factory) -> Path:
    """102 photographs: scikit-image's astronaut (PNG) and matplotlib's Grace Hopper (JPEG) as they
    are, and the 100 faces of Labeled Faces in the Wild that scikit-image ships as an array of 25 by
    25 grey pixels, written as grey PNG and JPEG files in a subfolder.
    """
    import matplotlib
    import numpy as np
    import skimage
    from PIL import Image

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
