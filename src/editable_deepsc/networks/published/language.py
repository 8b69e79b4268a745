"""The language encoder of the Talk-to-Edit release (Jiang et al. 2021), its state dict key by key.

Answers are turned into our terms: the release's "Young" counts age, ours counts youth.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ...data.attributes import ATTRIBUTES, MAX_DEGREE
from ...data.instructions import INDEFINITE_DEGREE, Instruction
from ..text_encoder import CHUNK, UnknownInstruction
from .talk_to_edit import REVERSED, answer_head

NULL, UNKNOWN = "<NULL>", "<UNK>"
HEADS = {  # name of the head -> its classes, in the release's order
    "start": 1,
    "suggestion": 5,
    "whether_enough": 5,
    "whats_next": 2,  # dialogue states, of which one sentence has none
    "attribute": 5,
    "score_change_direction": 2,
    "score_change_value": 5,
    "target_score": 6,
    "request_mode": 4,
}
CHANGE_DEFINITE, CHANGE_INDEFINITE, TARGET = range(3)  # of request_mode; 3 ends the dialogue


def asked(text: str, answer: Mapping[str, int]) -> Instruction | None:
    """What a sentence asks for by the classes of its heads, in our terms; None at the end of a
    dialogue. Of the heads the release reads those that ``request_mode`` names.
    """
    mode, attribute = answer["request_mode"], answer["attribute"]
    turned = attribute == REVERSED
    if mode == TARGET:
        target = answer["target_score"]
        return Instruction(text, attribute, 1, 0, MAX_DEGREE - target if turned else target)
    if mode not in (CHANGE_DEFINITE, CHANGE_INDEFINITE):
        return None
    direction = (-1, 1)[answer["score_change_direction"]]
    stated = mode == CHANGE_DEFINITE
    degree = answer["score_change_value"] + 1 if stated else INDEFINITE_DEGREE
    return Instruction(text, attribute, -direction if turned else direction, degree)


class _Words(nn.Module):
    def __init__(self, size: int, embedding: int, hidden: int):
        super().__init__()
        self.word2vec = nn.Embedding(size, embedding)
        self.rnn = nn.LSTM(embedding, hidden, num_layers=2, batch_first=True)


class LanguageEncoder(nn.Module):
    """Two-layer LSTM over words and a head per question, with the interface of
    :class:`editable_deepsc.networks.text_encoder.TextEncoder`.

    ``vocabulary`` is the release's ``text_token_to_idx``. A sentence asks for a change in degree
    (eq 2), or for a degree to arrive at, which becomes a change when the face is known. One that
    ends the dialogue is refused, as is one of which more than ``max_unknown`` of the words are
    unknown (the release would guess).
    """

    def __init__(
        self,
        vocabulary: dict[str, int],
        embedding_size: int = 300,
        hidden_size: int = 1024,
        max_unknown: float = 0.5,
    ):
        super().__init__()
        self.vocabulary, self.max_unknown = dict(vocabulary), max_unknown
        self.lstm = _Words(len(vocabulary), embedding_size, hidden_size)
        for name, classes in HEADS.items():
            setattr(self, name, answer_head(hidden_size, classes))

    def tokenize(self, texts: list[str]) -> Tensor:
        """Token indices [N, L], padded with the index of ``<NULL>``: lower case, ``.``, ``!`` and
        ``,`` dropped, ``?`` and ``;`` words of their own.
        """
        rows = []
        for text in texts:
            for mark in "?;":
                text = text.replace(mark, f" {mark}")
            words = text.translate(str.maketrans("", "", ".!,")).replace("’", "'").lower().split()
            rows.append([self.vocabulary.get(word, self.vocabulary[UNKNOWN]) for word in words])
        length = max([1, *map(len, rows)])
        null = self.vocabulary[NULL]
        return torch.tensor(
            [row + [null] * (length - len(row)) for row in rows], dtype=torch.long
        ).reshape(len(texts), length)

    def forward(self, tokens: Tensor) -> dict[str, Tensor]:
        """``tokens`` [N, L] -> logits [N, classes] of every head, from the state at the last
        word.
        """
        states, _ = self.lstm.rnn(self.lstm.word2vec(tokens))
        last = ((tokens != self.vocabulary[NULL]).sum(1) - 1).clamp(min=0)
        meaning = states[torch.arange(len(tokens), device=tokens.device), last]
        return {name: getattr(self, name)(meaning) for name in HEADS}

    @torch.no_grad()
    def read(self, texts: list[str]) -> list[list[Instruction]]:
        """The one change that each sentence asks for, none where it is refused: the release reads
        no more of a sentence.
        """
        instructions: list[list[Instruction]] = []
        unknown_word, null = self.vocabulary[UNKNOWN], self.vocabulary[NULL]
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            tokens = self.tokenize(chunk).to(self.lstm.word2vec.weight.device)
            answer = {name: logits.argmax(1).tolist() for name, logits in self(tokens).items()}
            unknown = (
                (tokens == unknown_word).sum(1) / (tokens != null).sum(1).clamp(min=1)
            ).tolist()
            for i, text in enumerate(chunk):
                refused = unknown[i] > self.max_unknown or not text.strip()
                each = {name: classes[i] for name, classes in answer.items()}
                wish = None if refused else asked(text, each)
                instructions.append([] if wish is None else [wish])
        return instructions

    def understand(self, texts: list[str]) -> list[list[Instruction]]:
        """``read``, but :class:`UnknownInstruction` for the first sentence that is refused."""
        understood = self.read(texts)
        for text, wishes in zip(texts, understood, strict=True):
            if not wishes:
                raise UnknownInstruction(
                    f"the instruction {text!r} asks for no change of: {', '.join(ATTRIBUTES)}"
                )
        return understood
