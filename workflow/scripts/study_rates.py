from experiment.script import job

from collections.abc import Iterator

from editable_deepsc.codecs.base import Codec
from editable_deepsc.codecs.build import build_codec
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.evaluation.measure.codec_studies import rate_rows
from editable_deepsc.evaluation.measure.distances import lpips_of

with job(snakemake) as this:
    study, options = snakemake.params.study, snakemake.params.options
    images = load_arrays(snakemake.input.data)[0]["images"][: study["images"]]
    layered, resolution = study["layered"], images.shape[-1]
    model = this.network(f"{layered}_any")
    sent = options[layered]["sent"]
    own_share = sent["base_bpp"] / (sent["base_bpp"] + sent["enhancement_bpp"])

    def split(bpp: float, share: float) -> Codec:
        """The layered codec with ``share`` of its bits in the base layer."""
        bits = {"base_bpp": share * bpp, "enhancement_bpp": (1 - share) * bpp}
        return build_codec(layered, resolution, options[layered] | {"sent": sent | bits}, model)

    def codecs() -> Iterator[tuple[dict, Codec]]:
        """All codecs at every rate, the layered one at every split where the study asks for it."""
        for bpp in study["bpp"]:
            shares = study["base_shares"] if bpp in study["split_bpp"] else []
            for share in sorted({own_share, *shares}):
                keys = {"codec": layered, "bpp": bpp, "base_share": share}
                yield keys | {"default": share == own_share}, split(bpp, share)
            for name in study["beside"]:
                keys = {"codec": name, "bpp": bpp, "base_share": float("nan"), "default": True}
                yield keys, build_codec(name, resolution, options[name] | {"bpp": bpp})

    lpips = lpips_of(this.network("perceptual"))
    table = rate_rows(codecs(), images, lpips, this.network("fidelity"))
    table.insert(0, "n_images", len(images))
    with whole(snakemake.output[0]) as path:
        table.to_csv(path, index=False, float_format="%.6g")
