"""The five editable attributes, after CelebA-Dialog and Talk-to-Edit (paper, Section IV-B).

A *degree* is a number in [0, MAX_DEGREE]; predictors report integer degrees 0..MAX_DEGREE.
"""

ATTRIBUTES = ("bangs", "eyeglasses", "beard", "smiling", "young")
MAX_DEGREE = 5  # C of equation 10
NUM_DEGREES = MAX_DEGREE + 1


def attribute_index(name: str) -> int:
    """Index of an attribute in :data:`ATTRIBUTES`; ``ValueError`` names the known ones."""
    try:
        return ATTRIBUTES.index(name)
    except ValueError:
        raise ValueError(
            f"attribute {name!r} is unknown; choose one of: {', '.join(ATTRIBUTES)}"
        ) from None
