"""``python -m editable_deepsc``: the same as the command ``editable-deepsc``."""

from .cli import main

main()
