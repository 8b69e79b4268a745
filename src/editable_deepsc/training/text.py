"""Training and evaluation of the text encoder (equation 2), on instructions and on off-topic
sentences.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from ..data.attributes import ATTRIBUTES, MAX_DEGREE
from ..data.instructions import (
    DIRECTIONS,
    KINDS,
    Instruction,
    all_instructions,
    phrasings,
)
from ..data.offtopic import (
    CHATTER,
    GENERIC_WORDS,
    OFF_TOPIC_DEV,
    OFF_TOPIC_TEST,
    sample_off_topic,
)
from ..data.phrases import REQUEST_OPENINGS, WISH_OPENINGS
from ..data.sentences import PARTS, Sentence, sentences
from ..networks.text_encoder import (
    NO_ATTRIBUTE,
    PADDING,
    UNKNOWN,
    TextEncoder,
    split_words,
)
from .loop import keep, resume

VARIANTS = 2  # augmented versions of every training instruction
OFF_TOPIC_SENTENCES = 80_000
CLOSINGS = ("please", "thanks", "thank you", "for me", "now", "in this picture", "if you can")
FILLERS = ("so", "hey", "well", "just", "then")
STRANGER = "xyzzy"  # stands for any word outside the vocabulary
PERSONS = ("her", "him", "them", "me", "this man", "this woman", "the lady", "the guy")
OWNERS = ("the", "her", "his", "their", "my", "your", "this")
REWORDINGS = {
    "the": OWNERS,
    "his": OWNERS,
    "him": PERSONS,
    "her": PERSONS + OWNERS,
    **dict.fromkeys(("bangs", "fringe"), ("bangs", "fringe")),
    **dict.fromkeys(
        ("glasses", "eyeglasses", "spectacles"), ("glasses", "eyeglasses", "spectacles")
    ),
    **dict.fromkeys(("beard", "whiskers"), ("beard", "facial hair", "whiskers")),
    **dict.fromkeys(("smile", "grin"), ("smile", "grin")),
}
HIDE_KNOWN, HIDE_FOREIGN = 0.05, 0.3  # how often a word is hidden: of instructions, foreign to them
LABEL_SMOOTHING = 0.02


def build_vocabulary() -> list[str]:
    """Every word of the training instructions, of the augmentation and of off-topic sentences,
    sorted.
    """
    texts = [instruction.text for instruction in all_instructions("train")]
    texts += [*sample_off_topic(OFF_TOPIC_SENTENCES, seed=0), *CHATTER, *GENERIC_WORDS]
    texts += [*CLOSINGS, *FILLERS, *PERSONS, *OWNERS]
    return sorted({word for text in texts for word in split_words(text)})


def held_out_phrasings() -> set[str]:
    return {
        instruction.text
        for attribute in range(len(ATTRIBUTES))
        for direction in DIRECTIONS
        for kind in KINDS
        for instruction in phrasings(attribute, direction, kind, "test")
    }


def _reword(text: str, chooser: random.Random) -> str:
    """The sentence with some pronouns and nouns swapped for others that mean the same edit."""
    return " ".join(
        chooser.choice(REWORDINGS[word]) if word in REWORDINGS and chooser.random() < 0.3 else word
        for word in text.split()
    )


def _surround(text: str, chooser: random.Random) -> str:
    """The sentence with loose words in front, behind and, unknown ones, in the middle."""
    if chooser.random() < 0.1:
        text = f"{chooser.choice(FILLERS)} {text}"
    if chooser.random() < 0.2:
        text = f"{text} {chooser.choice(CLOSINGS)}"
    if chooser.random() < 0.1:
        words = text.split()
        words.insert(chooser.randint(0, len(words)), STRANGER)
        text = " ".join(words)
    return text


def _tails(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[start:]) for start in range(len(words))}


def instruction_pool(chooser: random.Random) -> tuple[list[Instruction], Tensor]:
    """Augmented training instructions and the odds of drawing each, equal for all (a, d, m)."""
    held_out = held_out_phrasings()
    pool = []
    for instruction in all_instructions("train") * VARIANTS:
        reworded = _reword(instruction.text, chooser)
        # Another word may turn a training phrasing into one that is held out: keep the original.
        text = instruction.text if _tails(reworded) & held_out else reworded
        pool.append(replace(instruction, text=_surround(text, chooser)))
    meanings = Counter((i.attribute, i.direction, i.degree) for i in pool)
    odds = [1 / meanings[i.attribute, i.direction, i.degree] for i in pool]
    return pool, torch.tensor(odds)


def _off_topic_pool(chooser: random.Random, seed: int) -> list[str]:
    reserved = {*OFF_TOPIC_DEV, *OFF_TOPIC_TEST}
    sentences = sample_off_topic(OFF_TOPIC_SENTENCES, seed)
    return [
        _surround(_reword(text, chooser), chooser)
        for text in sentences
        if not _tails(text) & reserved
    ]


def _hide(tokens: Tensor, odds: Tensor) -> Tensor:
    """``tokens`` [N, L] with word ``w`` made unknown with probability ``odds[w]``."""
    return torch.where(torch.rand(tokens.shape) < odds[tokens], UNKNOWN, tokens)


def train_text_encoder(
    seed: int,
    steps: int,
    batch_size: int = 192,
    learning_rate: float = 3e-3,
    progress: bool = True,
    checkpoint: Path | None = None,
    every: int = 250,
) -> TextEncoder:
    """A text encoder trained on the training phrasings, the same for the same ``seed`` (CPU).

    Half of every batch of ``batch_size`` are instructions, uniform over their meanings, half are
    off-topic sentences, whose only target is "no known attribute". ``learning_rate`` falls to zero
    along a cosine. A killed run continues from ``checkpoint``, written ``every`` so many steps.
    """
    chooser = random.Random(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = TextEncoder(build_vocabulary())
        pool, odds = instruction_pool(chooser)
        on_topic = model.tokenize([instruction.text for instruction in pool])
        targets = torch.tensor(
            [(i.attribute, DIRECTIONS.index(i.direction), i.degree - 1) for i in pool]
        )
        off_topic = model.tokenize(_off_topic_pool(chooser, seed))
        hide_opening, hide_foreign = _hiding_odds(model)

        optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        half = batch_size // 2
        model.train()
        parts = {"model": model, "optimiser": optimiser, "schedule": schedule}
        state = resume(checkpoint, parts)
        first = state["step"]
        if first:
            torch.set_rng_state(state["rng"])
        for i in tqdm(
            range(first, steps),
            initial=first,
            total=steps,
            desc="text encoder",
            disable=not progress,
        ):
            chosen = torch.multinomial(odds, half, replacement=True)
            others = torch.randint(len(off_topic), (half,))
            asked = _hide(on_topic[chosen], hide_opening)
            foreign = _hide(off_topic[others], hide_foreign)
            width = max(asked.shape[1], foreign.shape[1])
            tokens = torch.cat(
                [
                    F.pad(part, (0, width - part.shape[1]), value=PADDING)
                    for part in (asked, foreign)
                ]
            )
            attribute, direction, degree = model(tokens)
            a, d, m = targets[chosen].unbind(dim=1)
            nothing = torch.full((half,), NO_ATTRIBUTE)
            loss = (
                F.cross_entropy(attribute, torch.cat([a, nothing]), label_smoothing=LABEL_SMOOTHING)
                + F.cross_entropy(direction[:half], d, label_smoothing=LABEL_SMOOTHING)
                + F.cross_entropy(degree[:half], m, label_smoothing=LABEL_SMOOTHING)
            )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            if checkpoint is not None and (i + 1) % every == 0:
                keep(checkpoint, i + 1, parts, rng=torch.get_rng_state())
    return model.eval()


def _hiding_odds(model: TextEncoder) -> tuple[Tensor, Tensor]:
    """Per token, the odds of hiding it in an instruction and in an off-topic sentence.

    In an instruction only words that carry no meaning may go. In an off-topic sentence words that
    no instruction uses go often: most of the world's words are unknown to the model.
    """
    loose = {
        word for text in (*REQUEST_OPENINGS, *WISH_OPENINGS, *CLOSINGS) for word in text.split()
    }
    used = {word for i in all_instructions("train") for word in split_words(i.text)}
    in_instruction, in_off_topic = torch.zeros(2, len(model.vocabulary) + 2)
    for index, word in enumerate(model.vocabulary, start=2):
        in_instruction[index] = HIDE_KNOWN if word in loose else 0
        in_off_topic[index] = HIDE_KNOWN if word in used else HIDE_FOREIGN
    return in_instruction, in_off_topic


def evaluate_text_encoder(model: TextEncoder) -> dict:
    """How well ``model`` reads the held-out instructions and refuses ``OFF_TOPIC_TEST``.

    Returns ``exact``: the share of held-out sentences whose attribute, direction and degree are all
    right, ``exact_by_attribute``: the same per attribute name, ``rejected``: the share of off-topic
    sentences refused; all in [0, 1]. ``sentences``: :func:`sentence_figures` of both halves of the
    sentences that people type.
    """
    wanted = all_instructions("test")
    right = [
        read == [i] for read, i in zip(model.read([i.text for i in wanted]), wanted, strict=True)
    ]
    by_attribute = {}
    for index, name in enumerate(ATTRIBUTES):
        hits = [hit for hit, i in zip(right, wanted, strict=True) if i.attribute == index]
        by_attribute[name] = sum(hits) / len(hits)
    refused = [not read for read in model.read(list(OFF_TOPIC_TEST))]
    return {
        "exact": sum(right) / len(right),
        "exact_by_attribute": by_attribute,
        "rejected": sum(refused) / len(refused),
        "sentences": {part: sentence_figures(model, sentences(part)) for part in PARTS},
    }


def sentence_figures(model: TextEncoder, asked: Sequence[Sentence]) -> dict:
    """How ``model`` reads sentences that people type: their ``count``, the share that is ``right``
    (all wishes in their order with the degrees that the sentence says, or refused where it asks
    for none), and the share of which something is read as the ``opposite``: a wish the other way
    round, or a change of what should stay.
    """
    right = opposite = 0
    for sentence, wishes in zip(asked, model.read([s.text for s in asked]), strict=True):
        changes = [_from_other_end(w) for w in wishes]
        read = [(w.attribute, w.direction, w.degree) for w in changes]
        right += len(read) == len(sentence.wishes) and all(
            found[:2] == wish[:2] and wish[2] in (None, found[2])
            for found, wish in zip(read, sentence.wishes)
        )
        turned = {(attribute, -direction) for attribute, direction, _ in sentence.wishes}
        opposite += any(w[0] in sentence.kept or w[:2] in turned for w in read)
    count = len(asked)
    return {"count": count, "right": right / count, "opposite": opposite / count}


def _from_other_end(wish: Instruction) -> Instruction:
    """An end of the scale as a target ("full beard") as the largest change, which it is (eq 10)."""
    ends = (0, MAX_DEGREE)
    return wish.settled(MAX_DEGREE - wish.target) if wish.target in ends else wish
