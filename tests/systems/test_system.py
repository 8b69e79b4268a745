"""A whole system: what it delivers and tells, what its ends are built of, what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.channel.power import mean_power
from editable_deepsc.codecs.base import Decoded
from editable_deepsc.codecs.build import build_codec
from editable_deepsc.data.draw import draw_faces
from editable_deepsc.data.seeds import seeded
from editable_deepsc.editing.stages import STAGES, stage, stopwatch
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.systems.build import (
    SystemNetworks,
    build_receiver,
    build_system,
    build_transmitter,
)
from editable_deepsc.systems.editable_deepsc import nearest_snr
from editable_deepsc.systems.separate import EditingReceiver, EditOnce
from editable_deepsc.zoo import load_system, system_names

SENTENCES = ["add a wide smile", "make the bangs longer and give her glasses"]


@pytest.fixture(scope="module")
def images():
    return draw_faces(2, seed=5)


def quick(system):
    """The same system with little search: what it says of itself does not depend on it."""

    def shorter(end):
        if getattr(end, "editor", None) is None:
            return end
        recipe = replace(end.editor.settings.inversion, iterations=4, starts=1)
        settings = replace(end.editor.settings, inversion=recipe)
        return replace(end, editor=replace(end.editor, settings=settings))

    ends = shorter(system.transmitter), shorter(system.receiver)
    return replace(system, transmitter=ends[0], receiver=ends[1])


@pytest.mark.parametrize("name", system_names("faces"))
def test_a_delivery_tells_everything_about_it(images, name):
    system = quick(load_system(name, snr_db=18))
    delivery = system.deliver(images, SENTENCES)
    assert delivery.images.shape == delivery.inversions.shape == images.shape
    assert not delivery.outage.any() and delivery.images.abs().max() <= 1
    (smile,), (bangs, glasses) = delivery.changes
    assert [change.wish.attribute for change in (smile, bangs, glasses)] == [3, 0, 1]
    for change in (smile, bangs, glasses):
        up = change.wish.direction * change.wish.degree
        assert change.expected == min(max(change.before + up, 0), 5)
    uses = {"editable_deepsc": 128, "deepsc": 1024, "jpeg_ldpc": 478}
    assert delivery.channel_uses == next(n for key, n in uses.items() if key in name)
    assert delivery.cbr == delivery.channel_uses / (3 * 64**2)
    coded = {"coding", "channel", "decoding", "inversion", "editing", "generation"}
    assert set(delivery.seconds) == coded == set(STAGES)
    report = delivery.report()
    named = [[change["attribute"] for change in entry["changes"]] for entry in report]
    assert named == [["smiling"], ["bangs", "eyeglasses"]]
    assert report[0]["adapters_snr_db"] == (18 if name == "editable_deepsc" else None)

    # The steps one by one are the same thing.
    symbols = system.transmit(images, SENTENCES)
    torch.testing.assert_close(mean_power(symbols), torch.ones(2), atol=1e-3, rtol=0)
    noisy, seen_db = Channel()(symbols, 18.0, system.rng("channel"))
    sentences = SENTENCES if isinstance(system.receiver, EditingReceiver) else None
    assert torch.equal(system.receive(noisy, seen_db, sentences).images, delivery.images)

    # A known inversion is not made again, another draw of the channel is another picture.
    again = system.deliver(images, SENTENCES, rng=seeded(9), latents=delivery.latents)
    assert "inversion" not in again.seconds
    if name != "editable_deepsc":  # a digital link, or little noise at 18 dB
        return
    assert torch.equal(again.latents, delivery.latents)
    assert not torch.equal(again.images, delivery.images)


def test_only_a_system_that_edits_at_the_receiver_needs_the_sentences(images):
    system = load_system("jpeg_ldpc+talk2edit", snr_db=18)
    symbols = system.transmit(images, SENTENCES)
    with pytest.raises(ValueError, match="needs the sentences"):
        system.receive(symbols, 18.0)


@pytest.mark.parametrize("csi", ["perfect", "absent"])
def test_fading_reaches_the_adapters_of_the_average_snr(images, csi):
    system = quick(load_system(snr_db=12))
    delivery = system.deliver(images, SENTENCES, Channel("rayleigh", csi))
    assert delivery.images.shape == images.shape and delivery.adapters_snr_db == 12


def test_bad_wishes_are_refused_before_any_work(images):
    system = load_system()
    with stopwatch() as seconds:
        with pytest.raises(ValueError, match="'sing a song'"):
            system.deliver(images, "sing a song")
        with pytest.raises(ValueError, match="also asks for 'remove the hat'.*understood: "):
            system.deliver(images, ["add a smile", "add a beard and remove the hat"])
        with pytest.raises(ValueError, match="3 sentences for 2 pictures"):
            system.transmit(images, ["add a smile"] * 3)
        with pytest.raises(ValueError, match=r"must be \[3, 64, 64\]"):
            system.transmit(torch.zeros(3, 32, 32), "add a smile")
        with pytest.raises(ValueError, match="must be uint8"):
            system.transmit(torch.full((3, 64, 64), 2.0), "add a smile")
    assert not seconds


def test_adapters_of_the_nearest_snr():
    pairs = {snr: ChannelAdapters(latent=8) for snr in (-6.0, 0.0, 6.0)}
    assert [nearest_snr(pairs, snr) for snr in (-20, -3.1, 2.9, 40)] == [-6, -6, 0, 6]
    assert nearest_snr(pairs, 3.0) == 0  # halfway: the more robust ones
    with pytest.raises(ValueError, match="SNR of its own"):
        nearest_snr(pairs, torch.zeros(2))
    assert nearest_snr({0.0: pairs[0.0]}, torch.zeros(2)) == 0


@pytest.mark.parametrize(
    ("build", "name", "words"),
    [
        (build_transmitter, "editable_deepsc", "adapters of at least one SNR"),
        (build_receiver, "editable_deepsc", "needs a generator"),
        (build_transmitter, "talk2edit+deepsc", "needs a codec: deepsc"),
        (build_receiver, "talk2edit+deepsc", "needs a codec: deepsc"),
        (build_receiver, "deepsc+talk2edit", "needs fields"),
        (build_receiver, "telegraph", "is unknown"),
    ],
)
def test_an_end_without_what_it_needs_is_not_built(build, name, words):
    with pytest.raises(ValueError, match=words):
        build(name)


def test_part_of_an_editor_is_refused_by_the_names_that_are_missing():
    networks = SystemNetworks(fields=load_system().editor.fields)
    codec = build_codec("jpeg_ldpc", 64, {})
    with pytest.raises(ValueError, match="not generator, predictor, text_encoder, perceptual"):
        build_system("talk2edit+jpeg_ldpc", networks, codec, snr_db=6)
    with pytest.raises(ValueError, match="without an editor"):
        build_system("talk2edit+jpeg_ldpc", SystemNetworks(), codec, snr_db=6).editor


def test_equal_pictures_are_edited_once():
    class Counting:
        calls = 0

        def edit(self, decoded, sentences, rng):
            self.calls += 1
            return Decoded(decoded.images + 0.5, decoded.outage)

    receiver, none = Counting(), torch.zeros(2, dtype=torch.bool)
    once = EditOnce(receiver)
    first, other = Decoded(torch.zeros(2, 3, 4, 4), none), Decoded(torch.ones(2, 3, 4, 4), none)
    lost = Decoded(first.images, ~none)
    worked = [once.edit(decoded, SENTENCES, seeded(0))[1] for decoded in (first, other, first)]
    assert worked == [True, True, False] and receiver.calls == len(once) == 2
    assert once.edit(lost, SENTENCES, seeded(0))[1]  # the same pictures, another outage


def test_stages_add_up_and_an_inner_one_belongs_to_the_outer():
    with stopwatch() as seconds:
        for _ in range(2):
            with stage("coding"), stage("generation"):
                pass
    assert list(seconds) == ["coding"] and seconds["coding"] > 0
    with stage("coding"):  # no stopwatch runs: nothing is counted
        pass
    assert list(seconds) == ["coding"]
