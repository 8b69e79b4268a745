"""What turns of a dialogue say of the turns before them, and what they do not."""

from __future__ import annotations

import pytest

from editable_deepsc.data.feedback import KINDS, Part, about_the_last, read_turn

# A sentence alone in its kind; a digit behind it is by how many degrees.
SAYS = {
    "more": """
a bit more
more
More, please!
even more
much more please 3
two levels more 2
one more step
not enough
still not enough
keep going
a bit stronger
Hmm, a tiny bit more please.
no, a bit more
make it a bit more
""",
    "less": """
less than that
a little less
even less
No, that's too much.
not so much
a lot less 3
I'd like a little less of that
tone it down
""",
    "undo": """
undo
undo that please
No, undo.
can you undo that?
go back
one step back
I don't like it
never mind
it was better before
take that back
""",
    "original": """
back to the original
Go back to the original picture, please.
start over
undo everything
reset
show me the original
back to the beginning
""",
    "yes": """
yes
Yep sure.
Ok.
it looks good
perfect
""",
    "no": """
no
Nope.
""",
    "end": """
that's it
That's it, thanks!
Thank you very much.
Nothing else for now. Thank you!
I don't want any further edits.
It's all good now.
This is it. Thanks a lot!
That's enough.
no, thanks
I'm done
leave it like that
""",
}


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [(line, kind) for kind, lines in SAYS.items() for line in lines.strip().splitlines()],
)
def test_a_turn_that_refers_to_the_turns_before(sentence, kind):
    degree = 1
    if sentence[-1].isdigit():
        sentence, degree = sentence[:-2], int(sentence[-1])
    (part,) = read_turn(sentence)
    assert (part.kind, part.degree) == (kind, degree)


def test_every_kind_has_examples():
    assert {*SAYS, "wishes"} == set(KINDS)


@pytest.mark.parametrize(
    "sentence",
    [
        "make the bangs longer",
        "no beard",
        "No more glasses!",
        "less smile",
        "more beard, please",
        "stop smiling",
        "leave the beard",
        "I don't like the beard",
        "a bit older",
        "happy",
        "take the glasses off, thanks",
        "yes, and add glasses",
        "No, I want the glasses off",
        "thank you, now add a smile",
        "sing a song",
    ],
)
def test_a_wish_is_left_to_the_text_encoder_word_for_word(sentence):
    assert read_turn(sentence) == [Part("wishes", sentence)]


def test_several_parts_keep_their_order():
    kinds = [(part.kind, part.text) for part in read_turn("Undo that, and make him smile, please")]
    assert kinds == [("undo", "undo that"), ("wishes", "make him smile")]
    parts = read_turn("two levels more, then add a beard and a wide smile")
    assert parts == [
        Part("more", "two levels more", 2),
        Part("wishes", "add a beard and a wide smile"),
    ]


@pytest.mark.parametrize(
    ("sentence", "wishes"),
    [
        ("make them longer", [(0, 1, 1)]),
        ("a bit shorter please", [(0, -1, 1)]),
        ("take them off", [(0, -1, 5)]),
        ("make them two levels shorter and add glasses", [(0, -1, 2), (1, 1, 1)]),
        ("add glasses", []),  # nothing in it hangs on the bangs
        ("make the beard longer", []),
        ("don't touch them", []),
        ("sing it", []),
    ],
)
def test_it_is_what_was_edited_last(sentence, wishes):
    found = about_the_last(sentence, 0)
    assert [(wish.attribute, wish.direction, wish.degree) for wish in found] == wishes


def test_an_age_is_never_it():
    assert about_the_last("make it longer", 4) == []
