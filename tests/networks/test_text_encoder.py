"""The text encoder as a module: tokens, shapes, configuration, refusal, and its training loop."""

from __future__ import annotations

import json
import random

import pytest
import torch
from torch.nn import functional as F

from editable_deepsc.data.instructions import (
    DIRECTIONS,
    Instruction,
    all_instructions,
    plain_sentence,
)
from editable_deepsc.data.sentences import Sentence
from editable_deepsc.data.wishes import read_request
from editable_deepsc.networks.text_encoder import (
    NO_ATTRIBUTE,
    TextEncoder,
    UnknownInstruction,
    split_words,
)
from editable_deepsc.training import text

LESSONS = (
    Instruction("make the bangs longer", 0, 1, 1),
    Instruction("take the glasses off completely", 1, -1, 5),
    Instruction("trim the beard a lot", 2, -1, 3),
    Instruction("make her smile somewhat more", 3, 1, 2),
    Instruction("make him look drastically older", 4, -1, 4),
)
OFF_TOPIC = ("what time is it", "remove the hat", "close the window a bit")


@pytest.fixture(scope="module")
def model():
    """An encoder that knows the five lessons by heart, and to refuse three sentences."""
    sentences = [lesson.text for lesson in LESSONS] + list(OFF_TOPIC)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        vocabulary = sorted({word for sentence in sentences for word in split_words(sentence)})
        model = TextEncoder(vocabulary, embedding_size=16, hidden_size=16)
        optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
        tokens = model.tokenize(sentences)
        a = torch.tensor([lesson.attribute for lesson in LESSONS] + [NO_ATTRIBUTE] * len(OFF_TOPIC))
        d = torch.tensor([DIRECTIONS.index(lesson.direction) for lesson in LESSONS])
        m = torch.tensor([lesson.degree - 1 for lesson in LESSONS])
        for _ in range(150):
            attribute, direction, degree = model(tokens)
            loss = (
                F.cross_entropy(attribute, a)
                + F.cross_entropy(direction[: len(d)], d)
                + F.cross_entropy(degree[: len(m)], m)
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model.eval()


def test_words():
    assert split_words("  Don’t make THE bangs -- longer, please!? ") == [
        "don't",
        "make",
        "the",
        "bangs",
        "longer",
        "please",
    ]


def test_tokens_are_padded_and_unknown_words_are_marked():
    model = TextEncoder(["bangs", "longer", "make"])
    tokens = model.tokenize(["Make bangs longer!", "make it", ""])
    assert tokens.tolist() == [[4, 2, 3], [4, 1, 0], [0, 0, 0]]
    assert model.tokenize([""]).shape == (1, 1)
    assert model.tokenize([]).shape == (0, 1)


def test_typos_in_long_words_are_read():
    model = TextEncoder(["eyeglasses", "fringe", "hat"])
    assert model.tokenize(["eyeglases frinnge hut classes"]).tolist() == [[2, 3, 1, 1]]


def test_shapes_and_size():
    model = TextEncoder([f"word{i}" for i in range(1500)])
    attribute, direction, degree = model(torch.randint(0, 1502, (7, 9)))
    assert (attribute.shape, direction.shape, degree.shape) == ((7, 6), (7, 2), (7, 5))
    assert sum(p.numel() for p in model.parameters()) < 150_000


def test_padding_changes_nothing(model):
    tokens = model.tokenize([LESSONS[0].text])
    longer = F.pad(tokens, (0, 5))
    for short, padded in zip(model(tokens), model(longer), strict=True):
        torch.testing.assert_close(short, padded)


def test_config_and_state_make_the_same_model(model):
    twin = TextEncoder(**json.loads(json.dumps(model.config())))
    twin.load_state_dict(model.state_dict())
    tokens = model.tokenize([lesson.text for lesson in LESSONS])
    for ours, theirs in zip(model(tokens), twin.eval()(tokens), strict=True):
        assert torch.equal(ours, theirs)


def test_understands_whatever_the_case_and_punctuation(model):
    shouted = [f"  {lesson.text.upper()}!! " for lesson in LESSONS]
    understood = model.understand(shouted)
    for (said,), meant, text_said in zip(understood, LESSONS, shouted, strict=True):
        assert (said.attribute, said.direction, said.degree) == (
            meant.attribute,
            meant.direction,
            meant.degree,
        )
        assert said.text == text_said


@pytest.mark.parametrize("sentence", [*OFF_TOPIC, "", "?!", "zyx wvu tsr qpo"])
def test_refuses_by_naming_the_sentence_and_the_attributes(model, sentence):
    with pytest.raises(UnknownInstruction) as refusal:
        model.understand([LESSONS[0].text, sentence])
    assert repr(sentence) in str(refusal.value)
    assert "bangs, eyeglasses, beard, smiling, young" in str(refusal.value)
    assert isinstance(refusal.value, ValueError)


def test_read_restores_the_mode(model):
    model.train()
    model.read([LESSONS[0].text])
    assert model.training
    model.eval()


def test_several_wishes_are_several_instructions_in_their_order(model):
    sentence = "take the glasses off, don't touch the bangs, and make him two levels older"
    wishes, (lesson,) = model.read([sentence, LESSONS[0].text])  # each sentence by itself
    assert [(w.attribute, w.direction, w.degree) for w in wishes] == [(1, -1, 5), (4, -1, 2)]
    assert lesson == LESSONS[0]
    for wish in wishes:
        assert model.understand([wish.text]) == [[wish]]  # what each says alone


def test_one_wish_keeps_its_sentence(model):
    ((wish,),) = model.read(["Shaev him, please"])
    assert (wish.text, wish.attribute, wish.direction) == ("Shaev him, please", 2, -1)


def test_what_is_denied_or_unclear_is_refused_with_what_is_understood(model):
    with pytest.raises(UnknownInstruction, match="no change: it leaves beard as it is"):
        model.understand(["please don't shave him"])
    with pytest.raises(UnknownInstruction, match="may mean two opposite things"):
        model.understand(["older or younger"])


@pytest.mark.parametrize(
    ("sentence", "part"),
    [
        ("trim the beard a lot and remove the hat", "remove the hat"),
        ("make the background blue, then trim the beard a lot", "make the background blue"),
        ("trim the beard a lot, shorten the nose", "shorten the nose"),
    ],
)
def test_one_unknown_wish_of_several_refuses_them_all_and_says_what_is_known(model, sentence, part):
    assert model.read([sentence]) == [[]]
    with pytest.raises(UnknownInstruction, match=f"also asks for '{part}'") as no:
        model.understand([sentence])
    assert repr(plain_sentence(2, -1, 3)) in str(no.value) and "beard, smiling" in str(no.value)


@pytest.mark.parametrize("thanks", ["thanks", "it's a nice photo", "don't touch the hat"])
def test_what_asks_for_nothing_else_does_not_matter(model, thanks):
    assert [len(wishes) for wishes in model.read([f"trim the beard, {thanks}"])] == [1]


def test_the_network_says_how_far_and_never_which_way(model, monkeypatch):
    def opinion(direction):
        return lambda texts: [Instruction(text, 2, direction, 4) for text in texts]

    monkeypatch.setattr(model, "recognise", opinion(-1))
    assert model.read(["trim the beard"]) == [[Instruction("trim the beard", 2, -1, 4)]]
    assert model.read(["trim the beard by two levels"])[0][0].degree == 2
    monkeypatch.setattr(model, "recognise", opinion(1))
    assert model.read(["trim the beard"]) == [[Instruction("trim the beard", 2, -1, 1)]]


def test_every_meaning_has_a_plain_sentence_that_reads_as_it(model):
    for attribute in range(5):
        for direction in DIRECTIONS:
            for degree in range(1, 6):
                text = plain_sentence(attribute, direction, degree)
                (wish,) = read_request(text).wishes
                found = (wish.attribute, wish.direction, wish.degree)
                assert found == (attribute, direction, degree), text


@pytest.fixture
def small_grammar(monkeypatch):
    monkeypatch.setattr(text, "all_instructions", lambda split: all_instructions(split)[::200])
    monkeypatch.setattr(text, "OFF_TOPIC_SENTENCES", 200)


def test_training_is_deterministic_and_leaves_the_global_generator_alone(small_grammar):
    state = torch.get_rng_state()
    first, second, other = (
        text.train_text_encoder(seed, steps=3, batch_size=16, progress=False) for seed in (1, 1, 2)
    )
    assert torch.equal(state, torch.get_rng_state())
    weights = [model.state_dict()["lstm.weight_ih_l0"] for model in (first, second, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_no_held_out_phrasing_is_ever_trained_on():
    held_out = text.held_out_phrasings()
    pool, odds = text.instruction_pool(random.Random(0))
    assert len(pool) == len(odds)
    assert not any(instruction.text in held_out for instruction in pool)


def test_evaluation_reports_shares(small_grammar, model):
    report = text.evaluate_text_encoder(model)
    assert set(report) == {"exact", "exact_by_attribute", "rejected", "sentences"}
    assert set(report["sentences"]) == {"studied", "held_out"}
    assert set(report["exact_by_attribute"]) == {"bangs", "eyeglasses", "beard", "smiling", "young"}
    assert 0 <= report["exact"] <= 1 and 0 <= report["rejected"] <= 1


@pytest.mark.parametrize(("sentence", "direction"), [("full beard", 1), ("beard of degree 0", -1)])
def test_an_end_of_the_scale_is_the_largest_change(model, sentence, direction):
    def figures(direction: int) -> dict:
        return text.sentence_figures(model, [Sentence(sentence, ((2, direction, 5),), frozenset())])

    assert figures(direction) == {"count": 1, "right": 1.0, "opposite": 0.0}
    assert figures(-direction) == {"count": 1, "right": 0.0, "opposite": 1.0}
