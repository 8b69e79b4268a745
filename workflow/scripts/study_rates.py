from job import job, network
from parts import fresh_codec

from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.evaluation.distances import lpips_of
from editable_deepsc.evaluation.studies import rate_rows

with job(snakemake):
    inputs, study, options = snakemake.input, snakemake.params.study, snakemake.params.options
    images = load_arrays(inputs.data)[0]["images"][: study["images"]]
    layered, resolution = study["layered"], images.shape[-1]
    model = network(inputs[f"{layered}_any"])
    sent = options[layered]["sent"]
    own_share = sent["base_bpp"] / (sent["base_bpp"] + sent["enhancement_bpp"])

    def codecs():
        """The layered codec at every split where the study asks for splits, and all at every
        rate.
        """
        for bpp in study["bpp"]:
            shares = sorted(
                {own_share, *(study["base_shares"] if bpp in study["split_bpp"] else [])}
            )
            for share in shares:
                entry = options[layered] | {
                    "sent": sent | {"base_bpp": share * bpp, "enhancement_bpp": (1 - share) * bpp}
                }
                yield (
                    {
                        "codec": layered,
                        "bpp": bpp,
                        "base_share": share,
                        "default": share == own_share,
                    },
                    fresh_codec(layered, resolution, entry, model),
                )
            for name in study["beside"]:
                yield (
                    {"codec": name, "bpp": bpp, "base_share": float("nan"), "default": True},
                    fresh_codec(name, resolution, options[name] | {"bpp": bpp}),
                )

    table = rate_rows(
        codecs(), images, lpips_of(network(inputs.perceptual)), network(inputs.fidelity)
    )
    table.insert(0, "n_images", len(images))
    with whole(snakemake.output[0]) as path:
        table.to_csv(path, index=False, float_format="%.6g")
