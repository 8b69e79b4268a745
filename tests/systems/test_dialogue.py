"""A dialogue: each turn edits what the one before left, at whichever end, of each picture alone."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.draw import draw_faces
from editable_deepsc.data.seeds import seeded
from editable_deepsc.zoo import load_system

SMILE, GLASSES = "add a wide smile", "give her glasses"
BOTH_ENDS = ["editable_deepsc", "talk2edit+deepsc", "deepsc+talk2edit"]


@pytest.fixture(scope="module")
def images():
    return draw_faces(2, seed=7)


@pytest.fixture(scope="module")
def systems():
    return {name: load_system(name, snr_db=12, inversion="encoder") for name in BOTH_ENDS}


def degree(system, latents, attribute):
    return system.editor.degrees(system.editor.draw(latents))[:, attribute].tolist()


@pytest.mark.parametrize("name", BOTH_ENDS)
def test_a_first_turn_is_a_delivery_and_the_next_starts_where_it_ended(images, systems, name):
    system = systems[name]
    dialogue, delivery = system.dialogue(images), system.deliver(images, [SMILE, GLASSES])
    first = dialogue.say([SMILE, GLASSES])
    assert torch.equal(first.images, delivery.images)
    if name == "deepsc+talk2edit":  # whose person sees what the receiver has decoded
        firsts, deliveries = ([c.wish for (c,) in of.changes] for of in (first, delivery))
        assert firsts == deliveries
    else:
        assert first.changes == delivery.changes
    assert "inversion" in first.seconds
    assert first.channel_uses == delivery.channel_uses
    smiling, glasses = (degree(system, first.latents, a) for a in (3, 1))

    more = dialogue.say(["a bit more", "less than that"])
    wishes = [change.wish for (change,) in more.changes]
    assert [(w.attribute, w.direction, w.degree) for w in wishes] == [(3, 1, 1), (1, -1, 1)]
    assert [change.before for (change,) in more.changes] == [smiling[0], glasses[1]]
    assert degree(system, more.latents, 3)[0] == min(smiling[0] + 1, 5)
    assert degree(system, more.latents, 1)[1] == glasses[1] - 1
    assert "inversion" not in more.seconds
    again = more.channel_uses
    assert again == (0 if name == "deepsc+talk2edit" else delivery.channel_uses)


@pytest.mark.parametrize("name", BOTH_ENDS)
def test_undo_and_the_original_restore_exactly(images, systems, name):
    dialogue = systems[name].dialogue(images)
    original = dialogue.latents
    one = dialogue.say("make the bangs longer and add a smile")
    two = dialogue.say("make it a bit wider")
    assert [change.wish.attribute for change in two.changes[0]] == [3]  # "it": the last of two
    start = dialogue.say("back to the original")
    assert torch.equal(start.latents, original) and start.kinds == ["original"] * 2
    assert torch.equal(dialogue.say("undo").latents, two.latents)  # the original was a turn too
    assert torch.equal(dialogue.say("undo that, please").latents, one.latents)
    back = dialogue.say("I don't like it")
    assert torch.equal(back.latents, original) and back.changes == [(), ()]
    if name == "deepsc+talk2edit":  # no channel between the edit and the picture
        assert torch.equal(back.images, start.images)
    with pytest.raises(ValueError, match="there is no edit to undo"):
        dialogue.say("undo")


def test_what_is_not_understood_changes_nothing(images, systems):
    dialogue = systems["editable_deepsc"].dialogue(images)
    with pytest.raises(ValueError, match="'a bit more' refers to an edit, and there is none yet"):
        dialogue.say("a bit more")
    before = dialogue.say(SMILE)
    for bad in ("sing a song", "a bit more, and remove the hat", "undo, undo"):
        with pytest.raises(ValueError):
            dialogue.say([GLASSES, bad])
    assert torch.equal(dialogue.latents, before.latents)
    assert torch.equal(dialogue.images, before.images)
    with pytest.raises(ValueError, match="3 sentences for 2 pictures"):
        dialogue.say([SMILE] * 3)


def test_yes_and_no_answer_is_this_enough(images, systems):
    dialogue = systems["editable_deepsc"].dialogue(images[:1])
    assert dialogue.say("make the bangs longer").replies[0].endswith("Is this enough?")
    ((change,),) = dialogue.say("no").changes
    assert (change.wish.attribute, change.wish.direction) == (0, 1)
    state = dialogue.latents
    yes = dialogue.say("yes")
    assert yes.kinds == ["enough"] and yes.replies[0].endswith("What next?")
    end = dialogue.say("no")  # nothing is next
    assert end.kinds == ["end"] and yes.channel_uses == end.channel_uses == 0
    assert torch.equal(end.latents, state) and torch.equal(end.images, yes.images)


def test_two_dialogues_with_one_system_do_not_mix(images, systems):
    system = systems["editable_deepsc"]
    script = [(SMILE, "make him older"), ("a bit more", "undo"), (GLASSES, "add a beard")]
    left, right = system.dialogue(images[:1]), system.dialogue(images[1:])
    turns = [(left.say(a), right.say(b)) for a, b in script]
    for side, picture in ((0, images[:1]), (1, images[1:])):
        alone = system.dialogue(picture)
        for said, turn in zip(script, turns):
            assert torch.equal(alone.say(said[side]).images, turn[side].images)
    together = system.dialogue(images)
    for said in script:
        both = together.say(said)
    assert [len(history) for history in together.histories] == [4, 2]
    each = torch.cat([turns[-1][0].latents, turns[-1][1].latents])
    far = (both.latents - each.flip(0)).norm()
    assert (both.latents - each).norm() < 0.1 * far  # rounding depends on what is in a batch


@pytest.mark.parametrize("name", BOTH_ENDS[:2])
def test_a_state_is_sent_at_another_snr_without_another_inversion(images, systems, name):
    dialogue = systems[name].dialogue(images, rng=seeded(1))
    turn = dialogue.say(SMILE)
    other = load_system(name, snr_db=-6, inversion="encoder")
    noisy, seen_db = Channel()(other.send(dialogue.prepared), -6.0, seeded(2))
    received = other.receive(noisy, seen_db).images
    best = systems[name].editor.draw(dialogue.latents)
    errors = [(x - best).square().mean().item() for x in (turn.images, received)]
    assert 3 * errors[0] < errors[1] < 0.3  # the same faces, behind much more noise


def test_an_outage_is_not_edited():
    system = load_system("jpeg_ldpc+talk2edit", snr_db=-6, inversion="encoder")
    dialogue = system.dialogue(draw_faces(1, seed=7))
    turn = dialogue.say(SMILE)
    assert turn.outage.all() and not turn.latents.any() and turn.channel_uses == 478
    assert turn.replies == ["Nothing could be decoded. Is this enough?"]
    more = dialogue.say("more")
    assert torch.equal(turn.images, more.images) and not more.latents.any()
    assert dialogue.say("undo").kinds == ["undo"]
