from __future__ import annotations

import pytest

from editable_deepsc.codecs.base import find_codec
from editable_deepsc.systems.names import parse_system


@pytest.mark.parametrize(
    "name, codec, edits_at",
    [
        ("editable_deepsc", None, "both"),
        ("talk2edit+deepsc", "deepsc", "transmitter"),
        ("talk2edit+jpeg_ldpc", "jpeg_ldpc", "transmitter"),
        ("deepsc+talk2edit", "deepsc", "receiver"),
        ("jpeg_ldpc+talk2edit", "jpeg_ldpc", "receiver"),
    ],
)
def test_the_five_systems_of_the_paper(name, codec, edits_at):
    system = parse_system(name)
    assert (system.name, system.codec, system.edits_at) == (name, codec, edits_at)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "deepsc",
        "talk2edit",
        "deepsc+jpeg_ldpc",
        "talk2edit+talk2edit",
        "talk2edit+",
        "+talk2edit",
        "talk2edit+deepsc+talk2edit",
        "Editable_DeepSC",
    ],
)
def test_other_names_are_refused_in_one_sentence(name):
    with pytest.raises(ValueError, match="is unknown") as error:
        parse_system(name)
    assert "\n" not in str(error.value)


def test_a_codec_that_does_not_exist_is_refused_when_it_is_looked_up():
    with pytest.raises(ValueError, match="'png' is unknown"):
        find_codec(parse_system("talk2edit+png").codec)
