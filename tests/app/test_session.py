"""What the page does, without a browser: faces, wishes, transmissions, the curve, the markup."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest
import torch
from PIL import Image

from editable_deepsc.app import loaded as loading
from editable_deepsc.app.figures import curve_figure, report, sheet
from editable_deepsc.app.judging import CURVE_DRAWS, curve, deliver, judge
from editable_deepsc.app.markup import (
    delivery_markup,
    downloads_markup,
    face_markup,
    link_markup,
    wishes_markup,
)
from editable_deepsc.app.sending import Link, send
from editable_deepsc.app.session import MOST_TURNS, Session, draw_face, take_photograph
from editable_deepsc.channel.fading import Channel
from editable_deepsc.channel.uses import complex_uses
from editable_deepsc.data.attributes import ATTRIBUTES
from editable_deepsc.data.draw import Drawn, save_face
from editable_deepsc.data.faces import render
from editable_deepsc.data.pictures import to_pictures
from editable_deepsc.editing import editor as editing
from editable_deepsc.systems.separate import EditingReceiver


@pytest.fixture(scope="module")
def loaded() -> loading.LoadedSystems:
    return loading.load("faces", inversion="encoder")


@pytest.fixture(scope="module")
def session(loaded) -> Session:
    return draw_face(loaded, 7).say(loaded, "add a wide smile")


@pytest.fixture
def inversions(monkeypatch) -> list[int]:
    """How many images each inversion has had since."""
    counts, whole = [], editing.invert

    def counted(images, *arguments, **options):
        counts.append(len(images))
        return whole(images, *arguments, **options)

    monkeypatch.setattr(editing, "invert", counted)
    return counts


def test_systems_share_their_networks(loaded):
    assert list(loaded.systems)[0] == "editable_deepsc" and len(loaded.systems) == 5
    assert len({id(s.editor.generator) for s in loaded.systems.values()}) == 1
    assert len({id(s.editor.fields) for s in loaded.systems.values()}) == 2


def test_a_drawn_face_has_the_degrees_that_were_asked_for(loaded):
    own, other = draw_face(loaded, 3).face, draw_face(loaded, 3, [0, 5, 0, 5, 0]).face
    assert own.drawn is not None and other.drawn is not None
    assert torch.equal(own.drawn.face().factors, other.drawn.face().factors)
    assert other.degrees == dict(zip(ATTRIBUTES, [0, 5, 0, 5, 0], strict=True))
    assert not torch.equal(own.image, other.image)
    error = (own.inversion - own.image).square().mean()
    apart = (other.inversion - own.image).square().mean()
    assert error < 0.02 and error < apart / 2


def test_the_inversion_is_made_once_and_receivers_edit_in_one_batch(loaded, inversions):
    session = draw_face(loaded, 7)
    assert inversions == [1]
    session = session.say(loaded, "add a wide smile").say(loaded, "remove the glasses")
    for snr_db in (18.0, 6.0):
        send(loaded, session, Link(snr_db))
    # At 18 dB two systems decode pictures and edit them; at 6 dB one has an outage.
    assert inversions == [1, 2, 1]
    send(loaded, draw_face(loaded, 7), Link(18.0))  # without a wish no receiver needs a latent
    assert inversions == [1, 2, 1, 1]


@pytest.mark.parametrize("snr_db", [6.0, 18.0])
def test_what_arrives_is_what_each_system_delivers_by_itself(loaded, session, snr_db):
    link = Link(snr_db, draw=4)
    for name, received in zip(loaded.systems, send(loaded, session, link), strict=True):
        system = loaded.systems[name]
        alone = type(system)(system.name, system.transmitter, system.receiver, snr_db)
        latents = None if isinstance(system.receiver, EditingReceiver) else session.face.latents
        delivery = alone.deliver(
            session.face.image, "add a wide smile", link.channel, link.rng(), latents
        )
        assert received.system == name
        assert torch.equal(received.outage, delivery.outage)
        assert received.channel_uses == delivery.channel_uses and received.cbr == delivery.cbr
        assert received.adapters_snr_db == delivery.adapters_snr_db
        assert (received.images - delivery.images).abs().mean() < 0.01
        if name == "editable_deepsc":
            ((told,), (change,)) = delivery.changes[0], session.turns[0].changes
            assert (change.before, change.expected) == (told.before, told.expected)


def test_wishes_follow_each_other_and_can_be_taken_back(loaded, session):
    two = session.say(loaded, "remove the glasses and make her look older")
    names = [[ATTRIBUTES[wish.attribute] for wish in wishes] for wishes in two.requests]
    assert names == [["smiling"], ["eyeglasses", "young"]]
    assert two.turns[0] is session.turns[0] and len(session.turns) == 1
    assert two.say(loaded, "undo").turns == session.turns
    assert two.forget().turns == () and two.say(loaded, "back to the original").turns == ()
    truth, drawn = two.truth(), two.face.drawn
    assert truth is not None and drawn is not None
    face = drawn.face()
    for wish in sum(two.requests, []):
        now = face.degrees[0, wish.attribute] + wish.direction * wish.degree
        face.degrees[0, wish.attribute] = now.clamp(0, 5)
    assert torch.equal(truth, render(face, 64, "photo"))
    other = draw_face(loaded, 8).say_again(loaded, two.turns)
    assert other.requests == two.requests
    assert other.turns[0].changes != two.turns[0].changes  # another face has other degrees


def test_a_turn_may_speak_of_the_turn_before(loaded):
    one = draw_face(loaded, 8).say(loaded, "add a beard")
    more = one.say(loaded, "a bit more")
    ((beard,), (again,)) = one.requests[0], more.requests[1]
    assert (again.attribute, again.direction) == (beard.attribute, beard.direction)
    less = more.say(loaded, "less than that")
    assert less.requests[2][0].direction == -beard.direction
    assert "beard" in one.reply and one.reply.endswith("Is this enough?") and one.asked
    enough = one.say(loaded, "yes")
    assert enough.turns == one.turns and enough.reply.startswith("Good")
    # the same states as in a dialogue with the system itself
    dialogue = loaded.systems["editable_deepsc"].dialogue(one.face.image, latents=one.face.latents)
    for sentence in ("add a beard", "a bit more", "less than that"):
        dialogue.say(sentence)
    assert torch.allclose(dialogue.latents, less.latents("editable_deepsc"), atol=1e-5)


def test_what_cannot_be_wished_is_one_sentence(loaded, session):
    for sentence, words in (
        ("sing a song", "names none of the attributes"),
        ("a" * 301, "300 are the most"),
        ("", "names none"),
        ("a bit more of the same song", "names none"),
    ):
        with pytest.raises(ValueError, match=words):
            session.say(loaded, sentence)
    many = replace(session, steps=session.steps[:1] + session.steps[1:] * MOST_TURNS)
    with pytest.raises(ValueError, match="no edit to undo"):
        session.forget().say(loaded, "undo")
    with pytest.raises(ValueError, match="10 wishes at most"):
        many.say(loaded, "add a beard")


def test_all_systems_meet_the_same_fade(loaded, session):
    link = Link(12.0, Channel("rayleigh", "absent"), draw=1)
    (h,) = link.coefficients()
    for received in send(loaded, session, link):
        sent, seen = complex_uses(received.sent[None])[0], complex_uses(received.symbols)[0]
        estimate = (seen * sent.conj()).sum() / sent.abs().square().sum()
        assert (estimate - h).abs() < 0.15
    assert "This fade leaves" in link_markup(deliver(loaded, session, link), loaded.snrs)
    another = Link(12.0, link.channel, draw=2).coefficients()
    assert another is not None and not torch.equal(another, h[None])
    assert Link(12.0).coefficients() is None


def test_between_the_trained_snrs_the_page_says_whose_adapters_serve(loaded, session):
    said = link_markup(deliver(loaded, session, Link(8.0)), loaded.snrs)
    assert "−6, 0, 6, 12, 18 dB; those for 6 dB, the nearest, serve" in said
    said = link_markup(deliver(loaded, session, Link(-6.0)), loaded.snrs)
    assert "its adapters for −6 dB" in said


def test_the_judges_know_the_original(loaded, session):
    face = session.face
    judged = judge(loaded, session, torch.cat([face.image, session.truth(), face.image]))
    assert judged.lpips[0] == pytest.approx(0, abs=1e-5) and judged.lpips[1] > 0.01
    assert judged.lpips_truth is not None
    assert judged.lpips_truth[1] == pytest.approx(0, abs=1e-5)
    assert judged.identity[0] == pytest.approx(1, abs=1e-4)
    smiling = ATTRIBUTES.index("smiling")
    assert judged.degrees[1, smiling] > judged.degrees[0, smiling]


def test_photographs_are_framed_and_judged(loaded, photograph_folder, tmp_path):
    taken = take_photograph(loaded, photograph_folder / "astronaut.png")
    (note,) = taken.face.notes  # her face was found, and the networks know no such face
    assert "unlike" in note and note in face_markup(taken)
    save_face(Drawn(5, 0, "photo", 64), tmp_path / "drawn.png")
    drawn = take_photograph(loaded, tmp_path / "drawn.png")
    assert drawn.face.drawn == Drawn(5, 0, "photo", 64) and drawn.face.notes == ()
    assert drawn.truth() is not None


def test_a_photograph_has_no_truth_and_a_broken_one_is_one_sentence(loaded, tmp_path, session):
    to_pictures(session.face.image)[0].resize((90, 120)).save(tmp_path / "face.jpg")
    taken = take_photograph(loaded, tmp_path / "face.jpg").say(loaded, "add bangs")
    assert taken.truth() is None
    delivery = deliver(loaded, taken, Link(12.0))
    assert delivery.judged.lpips_truth is None
    assert "True edit" not in delivery_markup(delivery)
    (tmp_path / "broken.png").write_bytes((tmp_path / "face.jpg").read_bytes()[:300])
    with pytest.raises(ValueError, match="cannot be read as an image"):
        take_photograph(loaded, tmp_path / "broken.png")


def test_the_curve_grows_by_one_snr_after_the_other(loaded, session):
    steps = list(curve(loaded, session, Channel(), (-6, 18)))
    assert [{p.snr_db for p in step} for step in steps] == [{-6}, {18}]
    assert all([p.system for p in step] == list(loaded.systems) for step in steps)
    low, high = ({p.system: p for p in step} for step in steps)
    assert low["editable_deepsc"].quality > high["editable_deepsc"].quality
    assert low["jpeg_ldpc+talk2edit"].outage == 1 and high["jpeg_ldpc+talk2edit"].outage == 0
    figure = Image.open(io.BytesIO(curve_figure(steps[0], (-6, 18), "LPIPS", 6.0)))
    assert figure.width > 2 * figure.height > 0
    received = send(loaded, session, Link(18), CURVE_DRAWS)
    assert all(len(r.images) == CURVE_DRAWS for r in received)
    assert not torch.equal(received[0].symbols[0], received[0].symbols[1])


def test_what_can_be_kept_tells_everything(loaded, session):
    delivery = deliver(loaded, session, Link(6.0, Channel("rician")))
    about = json.loads(json.dumps(report(delivery)))
    assert about["face"]["seed"] == 7 and about["channel"]["fading"] == "rician"
    assert about["channel"]["fading_gain"] > 0
    assert about["wishes"][0]["changes"][0]["attribute"] == "smiling"
    assert [s["system"] for s in about["systems"]] == list(loaded.systems)
    assert about["systems"][0]["channel_uses"] == 128
    assert set(about["systems"][0]["seconds"]) >= {"inversion", "editing", "coding", "decoding"}
    png = sheet(delivery)
    assert Image.open(io.BytesIO(png)).width > 2000  # eight columns
    links = re.findall(r'download="([^"]+)" href="data:', downloads_markup(png, about))
    assert links == ["editable-deepsc.png", "editable-deepsc.json"]


def test_nothing_that_is_typed_becomes_markup(loaded, session):
    said = session.say(loaded, "add a beard <script>alert(1)</script>")
    for markup in (wishes_markup(said), delivery_markup(deliver(loaded, said, Link(6.0)))):
        assert "<script" not in markup
    assert "&lt;script&gt;" in wishes_markup(said)
    assert face_markup(said).count("<img") == 2
