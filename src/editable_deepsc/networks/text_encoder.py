"""The text encoder ``c = E_txt(t)`` of equation 2: a sentence in, attribute, direction and degree
out.

sentence -> words -> embedding -> bidirectional LSTM -> attribute (5, and "none of them")
                                                     -> direction (-1, +1)
                                                     -> degree    (1..5)
         -> clauses -> rules -> wishes in their order, and what is to stay as it is

The network was trained on a grammar; people write otherwise, and their "don't" turns a sentence
round. So the rules of ``data.wishes`` split a sentence and say which attribute goes which way, and
what is not a wish at all. The network says how far, where it reads the sentence the same way and
knows all of its words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from ..data.attributes import ATTRIBUTES, MAX_DEGREE
from ..data.instructions import DIRECTIONS, Instruction, plain_sentence
from ..data.targets import read_target
from ..data.wishes import Request, Wish, read_request

PADDING, UNKNOWN = 0, 1  # token indices; the vocabulary starts at 2
NO_ATTRIBUTE = len(ATTRIBUTES)
TYPO_LENGTH = 6  # shorter words have too many neighbours to guess what was meant
TYPO_SIMILARITY = 0.9
CHUNK = 2048  # sentences per forward pass of ``read``


class UnknownInstruction(ValueError):
    """A sentence that asks for no change of a known attribute, or for others too."""


def split_words(text: str) -> list[str]:
    """Lower-case words of a sentence; punctuation is dropped, apostrophes inside words stay."""
    return re.findall(r"[a-z0-9]+(?:'[a-z]+)*", text.lower().replace("’", "'"))


class TextEncoder(nn.Module):
    """Word-level LSTM classifier of editing instructions, guarded by rules.

    ``vocabulary`` lists the known words; with the other arguments it makes up ``config()``, from
    which the same module is built again. The network has no opinion of a sentence when its
    likeliest attribute has a probability below ``threshold`` or when more than ``max_unknown`` of
    its words are unknown.
    """

    def __init__(
        self,
        vocabulary: list[str],
        embedding_size: int = 32,
        hidden_size: int = 64,
        dropout: float = 0.3,
        threshold: float = 0.5,
        max_unknown: float = 0.5,
    ):
        super().__init__()
        self.vocabulary = list(vocabulary)
        self.threshold = threshold
        self.max_unknown = max_unknown
        self._index = {word: i for i, word in enumerate(self.vocabulary, start=2)}
        self.embedding = nn.Embedding(len(self.vocabulary) + 2, embedding_size, PADDING)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.attribute = nn.Linear(2 * hidden_size, len(ATTRIBUTES) + 1)
        self.direction = nn.Linear(2 * hidden_size, len(DIRECTIONS))
        self.degree = nn.Linear(2 * hidden_size, MAX_DEGREE)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``TextEncoder(**config)`` fits this state dict."""
        return {
            "vocabulary": self.vocabulary,
            "embedding_size": self.embedding.embedding_dim,
            "hidden_size": self.lstm.hidden_size,
            "dropout": self.dropout.p,
            "threshold": self.threshold,
            "max_unknown": self.max_unknown,
        }

    def tokenize(self, texts: list[str]) -> Tensor:
        """Token indices [N, L], L the most words in a sentence (at least 1), padded with 0."""
        rows = [[self._token(word) for word in split_words(text)] for text in texts]
        length = max([1, *map(len, rows)])
        padded = [row + [PADDING] * (length - len(row)) for row in rows]
        return torch.tensor(padded, dtype=torch.long).reshape(len(texts), length)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``tokens`` [N, L] to logits of attribute [N, 6], direction [N, 2] and degree [N, 5]."""
        lengths = (tokens != PADDING).sum(dim=1).clamp(min=1).cpu()
        words = self.dropout(self.embedding(tokens))
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        _, (last, _) = self.lstm(packed)  # [2, N, hidden]: both ends of the sentence
        meaning = self.dropout(torch.cat([last[0], last[1]], dim=1))
        return self.attribute(meaning), self.direction(meaning), self.degree(meaning)

    def read(self, texts: list[str]) -> list[list[Instruction]]:
        """The changes that each sentence asks for, in its order; none where it is refused, which is
        where it asks for no change, for one that is not known, or for one of two opposite things.

        The one wish of a sentence keeps its text; of several each gets a sentence of its own.
        """
        requests = [read_request(text) for text in texts]
        single = [i for i, r in enumerate(requests) if r.understood and len(r.wishes) == 1]
        opinions = dict(zip(single, self.recognise([texts[i] for i in single]), strict=True))

        def said(i: int) -> list[Instruction]:
            if (named := _targeted(texts[i])) is not None:
                return [named]
            if i in opinions:
                return [_said(texts[i], requests[i].wishes[0], opinions[i])]
            return [_alone(wish) for wish in requests[i].wishes] if requests[i].understood else []

        return [said(i) for i in range(len(texts))]

    def understand(self, texts: list[str]) -> list[list[Instruction]]:
        """``read``, but :class:`UnknownInstruction` for the first sentence that is refused: it says
        why, and what was understood.
        """
        understood = self.read(texts)
        for text, wishes in zip(texts, understood, strict=True):
            if not wishes:
                raise UnknownInstruction(_refusal(text, read_request(text)))
        return understood

    @torch.no_grad()
    def recognise(self, texts: list[str]) -> list[Instruction | None]:
        """How the network alone reads whole sentences; ``None`` where it sees no
        known attribute.
        """
        was_training = self.training
        self.eval()
        instructions: list[Instruction | None] = []
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            tokens = self.tokenize(chunk).to(self.embedding.weight.device)
            attribute, direction, degree = self(tokens)
            probability, index = attribute.softmax(dim=1).max(dim=1)
            known = (tokens > UNKNOWN).sum(dim=1) / (tokens != PADDING).sum(dim=1).clamp(min=1)
            clear = (
                (index != NO_ATTRIBUTE)
                & (probability >= self.threshold)
                & (1 - known <= self.max_unknown)
            )
            instructions += [
                Instruction(text, a, DIRECTIONS[d], m + 1) if ok else None
                for text, ok, a, d, m in zip(
                    chunk,
                    clear.tolist(),
                    index.tolist(),
                    direction.argmax(dim=1).tolist(),
                    degree.argmax(dim=1).tolist(),
                    strict=True,
                )
            ]
        self.train(was_training)
        return instructions

    def _token(self, word: str) -> int:
        """Index of a word, of the one known word that a long misspelt word resembles, or
        unknown.
        """
        if word not in self._index and len(word) >= TYPO_LENGTH:
            similar = difflib.get_close_matches(word, self._index, n=1, cutoff=TYPO_SIMILARITY)
            word = similar[0] if similar else word
        return self._index.get(word, UNKNOWN)


def _targeted(text: str) -> Instruction | None:
    """A sentence that names the degree to arrive at; None for any other."""
    named = read_target(text)
    return named and Instruction(text, named.attribute, 1, 0, named.degree)


def _said(text: str, wish: Wish, opinion: Instruction | None) -> Instruction:
    """A wish as the instruction that ``text`` is; its degree is the network's ``opinion`` where
    both read the same change and no adverb or number says how much.
    """
    degree = wish.degree
    if opinion is not None and not wish.plain:
        if (opinion.attribute, opinion.direction) == (wish.attribute, wish.direction):
            degree = opinion.degree
    return Instruction(text, wish.attribute, wish.direction, degree)


def _alone(wish: Wish) -> Instruction:
    text = plain_sentence(wish.attribute, wish.direction, wish.degree)
    return Instruction(text, wish.attribute, wish.direction, wish.degree)


def _named(attributes: Iterable[int]) -> str:
    return " and ".join(ATTRIBUTES[a] for a in sorted(attributes))


def _refusal(text: str, request: Request) -> str:
    """One sentence: why ``text`` is refused, and what was understood of it."""
    alone = ", then ".join(repr(_alone(wish).text) for wish in request.wishes)
    known = f" (understood: {alone})" if alone else ""
    if request.wishes and request.others:
        others = " and ".join(map(repr, request.others))
        return (
            f"the instruction {text!r} also asks for {others}, which cannot be edited{known}; what "
            f"can be edited is: {', '.join(ATTRIBUTES)}"
        )
    if request.unclear:
        return (
            f"the instruction {text!r} may mean two opposite things{known}; say each change in a "
            f"sentence of its own, for example {plain_sentence(0, 1, 1)!r}"
        )
    if request.kept:
        return (
            f"the instruction {text!r} asks for no change: it leaves {_named(request.kept)} as it "
            f"is; what can be edited is: {', '.join(ATTRIBUTES)}"
        )
    return (
        f"the instruction {text!r} names none of the attributes that can be edited: "
        f"{', '.join(ATTRIBUTES)}"
    )
