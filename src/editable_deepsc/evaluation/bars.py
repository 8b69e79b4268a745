"""What the embedded networks must reach before a comparison of systems means anything, decided in
one place.
"""

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
    """Figures of :mod:`.validation`, by network, against the bars. Where there are several
    attributes, edits or distortions, the worst counts.
    """
    least = INVERSION[max(size for size in INVERSION if size <= resolution)]
    inversion, prior, editing, distances = (
        figures[k] for k in ("inversion", "prior", "editing", "distances")
    )
    table = [
        Bar("inversion", "PSNR (dB)", inversion["psnr_db"], least[0]),
        Bar("inversion", "SSIM", inversion["ssim"], least[1]),
        Bar(
            "inversion",
            "gradient energy of the original's",
            inversion["gradient_energy_ratio"],
            least[2],
        ),
        Bar(
            "inversion",
            "degrees within one, worst attribute",
            min(inversion["within_one"].values()),
            0.97,
        ),
        Bar(
            "prior",
            "FID, of 3 x real against real + 5",
            prior["fid"] / (3 * prior["fid_real"] + 5),
            1,
            at_least=False,
        ),
        Bar(
            "prior",
            "nearest neighbour's distance, of real faces'",
            prior["neighbour"] / prior["neighbour_real"],
            0.8,
        ),
    ]
    for role in ("predictor", "evaluator"):
        worst = figures[role].values()
        table += [
            Bar(role, "degree exact, worst attribute", min(f["exact"] for f in worst), 0.75),
            Bar(
                role,
                "degree within one, worst attribute",
                min(f["within_one"] for f in worst),
                0.98,
            ),
        ]
    by_edit = editing["by_edit"].values()
    table += [
        Bar("recogniser", "verification AUC", figures["recogniser"]["auc"], 0.99),
        Bar(
            "text encoder",
            "held-out phrasings exactly right",
            figures["text_encoder"]["exact"],
            0.99,
        ),
        Bar(
            "text encoder",
            "off-topic sentences rejected",
            figures["text_encoder"]["rejected"],
            0.95,
        ),
        Bar(
            "editing",
            "expected degree reached, worst edit",
            min(f["reached"] for f in by_edit),
            0.93,
        ),
        Bar("editing", "success, worst edit", min(f["success"] for f in by_edit), 0.88),
        Bar("editing", "drift (degrees)", editing["drift"], 0.3, at_least=False),
        Bar(
            "editing",
            "outside the discriminator's range of inverted faces",
            editing["unreal"],
            0.02,
            at_least=False,
        ),
    ]
    for distance in ("lpips", "fid"):
        growing = [
            all(a < b for a, b in zip(d[distance], d[distance][1:]))
            for d in distances["distortions"].values()
        ]
        table.append(
            Bar(
                "perceptual" if distance == "lpips" else "fidelity",
                "distortions along which the distance grows, of 8",
                sum(growing),
                8,
            )
        )
    table += [
        Bar(
            "perceptual",
            "light nearer than another identity, share of faces",
            distances["light_below_identity"],
            0.95,
        ),
        Bar("fidelity", "FID of real against real", prior["fid_real"], 5, at_least=False),
        Bar("all", "size (MB)", figures["size"]["bytes"] / 1e6, 25, at_least=False),
    ]
    return table
