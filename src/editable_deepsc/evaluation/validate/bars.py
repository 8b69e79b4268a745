"""What the embedded networks must reach before a comparison of systems means anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One line of the validation table."""

    network: str
    figure: str
    measured: float
    bar: float
    at_least: bool = True

    @property
    def held(self) -> bool:
        return self.measured >= self.bar if self.at_least else self.measured <= self.bar


# Resolution from which on they hold: PSNR (dB), SSIM and share of the original's gradient energy of
# an inverted face.
INVERSION = {0: (30, 0.92, 0.85), 128: (28, 0.88, 0.75)}


def bars(figures: dict, resolution: int = 64) -> list[Bar]:
    """Figures of :mod:`.validation`, by network, against the bars.

    Where there are several attributes, edits or distortions, the worst counts.
    """
    return [
        *_generator(figures["inversion"], figures["prior"], resolution),
        *_readers(figures),
        *_editing(figures["editing"]),
        *_distances(figures["distances"], figures["prior"]),
        Bar("all", "size (MB)", figures["size"]["bytes"] / 1e6, 25, at_least=False),
    ]


def _generator(inversion: dict, prior: dict, resolution: int) -> list[Bar]:
    """Inverted faces, and faces drawn from the prior."""
    psnr_db, ssim, gradient = INVERSION[max(size for size in INVERSION if size <= resolution)]
    degrees = min(inversion["within_one"].values())
    fid = prior["fid"] / (3 * prior["fid_real"] + 5)
    neighbour = prior["neighbour"] / prior["neighbour_real"]
    energy = inversion["gradient_energy_ratio"]
    return [
        Bar("inversion", "PSNR (dB)", inversion["psnr_db"], psnr_db),
        Bar("inversion", "SSIM", inversion["ssim"], ssim),
        Bar("inversion", "gradient energy of the original's", energy, gradient),
        Bar("inversion", "degrees within one, worst attribute", degrees, 0.97),
        Bar("prior", "FID, of 3 x real against real + 5", fid, 1, at_least=False),
        Bar("prior", "nearest neighbour's distance, of real faces'", neighbour, 0.8),
    ]


def _readers(figures: dict) -> list[Bar]:
    """The networks that say what is in a picture or a sentence."""
    table = []
    for role in ("predictor", "evaluator"):
        by_attribute = figures[role].values()
        exact = min(f["exact"] for f in by_attribute)
        within_one = min(f["within_one"] for f in by_attribute)
        table += [
            Bar(role, "degree exact, worst attribute", exact, 0.75),
            Bar(role, "degree within one, worst attribute", within_one, 0.98),
        ]
    text = figures["text_encoder"]
    return table + [
        *(
            Bar(role.replace("_", " "), "verification AUC", figures[role]["auc"], 0.99)
            for role in ("recogniser", "judge_recogniser")
        ),
        Bar("text encoder", "held-out phrasings exactly right", text["exact"], 0.998),
        Bar("text encoder", "off-topic sentences rejected", text["rejected"], 0.95),
        *_sentences(text["sentences"]),
    ]


def _sentences(halves: dict) -> list[Bar]:
    """Sentences as people type them: those that the reader was made with, and those it was not."""
    table = []
    for part, name in (("studied", "seen while building"), ("held_out", "never looked at")):
        figures = halves[part]
        sentences = f"of {figures['count']} typed sentences, {name}"
        table += [
            Bar("text encoder", f"right, {sentences}", figures["right"], 0.95),
            Bar("text encoder", f"opposite, {sentences}", figures["opposite"], 0, at_least=False),
        ]
    return table


def _editing(editing: dict) -> list[Bar]:
    """Every face edited in every attribute, both ways."""
    reached = min(f["reached"] for f in editing["by_edit"].values())
    success = min(f["success"] for f in editing["by_edit"].values())
    unreal = "outside the discriminator's range of inverted faces"
    return [
        Bar("editing", "expected degree reached, worst edit", reached, 0.93),
        Bar("editing", "within one and the same person, worst edit", success, 0.88),
        Bar("editing", "drift (degrees)", editing["drift"], 0.3, at_least=False),
        Bar("editing", unreal, editing["unreal"], 0.02, at_least=False),
    ]


def _distances(distances: dict, prior: dict) -> list[Bar]:
    """LPIPS and FID grow along every distortion, and are small where they should be."""
    table = []
    for network, distance in (("perceptual", "lpips"), ("fidelity", "fid")):
        growing = [
            all(a < b for a, b in zip(d[distance], d[distance][1:]))
            for d in distances["distortions"].values()
        ]
        figure = "distortions along which the distance grows, of 8"
        table.append(Bar(network, figure, sum(growing), 8))
    light = "light nearer than another identity, share of faces"
    unit = "mean distance of strangers, from 1"
    return table + [
        Bar("perceptual", light, distances["light_below_identity"], 0.95),
        Bar("perceptual", unit, abs(distances["strangers"] - 1), 0.05, at_least=False),
        Bar("fidelity", "FID of real against real", prior["fid_real"], 5, at_least=False),
    ]
