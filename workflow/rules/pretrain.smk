# Retrains the bundled networks from nothing: `snakemake --cores all pretrain`, then `make bundle`.

PRETRAINED = {
    "generator": {"corpus": "pairs", "needs": ["predictor"]},
    "predictor": {"corpus": "labelled", "needs": []},
    "evaluator": {"corpus": "judges", "needs": []},
    "recogniser": {"corpus": "people", "needs": []},
    "judge_recogniser": {"corpus": "judge_people", "needs": []},
    "perceptual": {"corpus": "labelled", "needs": []},
    "fidelity": {"corpus": "labelled", "needs": []},
    "text_encoder": {"corpus": None, "needs": []},
    "encoder": {"corpus": "pairs", "needs": ["generator", "perceptual"]},
    "codec_start": {"corpus": None, "needs": []},  # draws its faces itself
}
ROLES = [
    *PRETRAINED,
    "discriminator",
    "generator_128",
    "discriminator_128",
]  # a discriminator is trained together with its generator


rule corpus:
    """Rendered faces to learn from."""
    output:
        temp("results/pretrain/corpus/{kind}.safetensors"),
    log:
        "results/logs/corpus/{kind}.log",
    benchmark:
        "results/benchmarks/corpus/{kind}.tsv"
    wildcard_constraints:
        kind="pairs|large_pairs|labelled|judges|people|judge_people",
    conda:
        "../envs/data.yaml"
    threads: 1
    resources:
        **resources_of(120, mem_mb=12_000),
    params:
        sizes=config["pretrain"]["corpus"],
        latent=config["pretrain"]["generator"]["latent"],
        resolution=lambda w: 4
        * 2
        ** (
            len(
                config["pretrain"]["generator_128" if w.kind == "large_pairs" else "generator"][
                    "channels"
                ]
            )
            - 1
        ),
        seed=experiment.seed,
    script:
        "../scripts/corpus.py"


rule pretrain_network:
    """Continues from its checkpoint after a kill."""
    input:
        unpack(pretrain_inputs),
    output:
        "results/pretrain/{role}.safetensors",
    log:
        "results/logs/pretrain/{role}.log",
    benchmark:
        "results/benchmarks/pretrain/{role}.tsv"
    wildcard_constraints:
        role="|".join(r for r in PRETRAINED if r != "generator"),
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(240, gpu=lambda w: int(w.role != "text_encoder")),
    params:
        recipe=lambda w: config["pretrain"][w.role],
        seed=experiment.seed,
        precision=config["precision"],
    script:
        "../scripts/pretrain.py"


rule pretrain_generator:
    input:
        corpus="results/pretrain/corpus/pairs.safetensors",
        predictor="results/pretrain/predictor.safetensors",
        perceptual="results/pretrain/perceptual.safetensors",
    output:
        generator="results/pretrain/generator.safetensors",
        discriminator="results/pretrain/discriminator.safetensors",
        encoder="results/pretrain/autoencoder.safetensors",
    log:
        "results/logs/pretrain/generator.log",
    benchmark:
        "results/benchmarks/pretrain/generator.tsv"
    conda:
        "../envs/networks.yaml"
    threads: 1
    resources:
        **resources_of(1440, gpu=1),
    params:
        recipe=config["pretrain"]["generator"],
        inversion=unguided_inversion(),
        seed=experiment.seed,
        precision=config["precision"],
        samples="results/pretrain/samples",
    script:
        "../scripts/pretrain_generator.py"


use rule pretrain_generator as grow_generator with:
    input:
        corpus="results/pretrain/corpus/large_pairs.safetensors",
        predictor="results/pretrain/predictor.safetensors",
        perceptual="results/pretrain/perceptual.safetensors",
        smaller="results/pretrain/generator.safetensors",
        encoder="results/pretrain/autoencoder.safetensors",
    output:
        generator="results/pretrain/generator_128.safetensors",
        discriminator="results/pretrain/discriminator_128.safetensors",
        encoder="results/pretrain/autoencoder_128.safetensors",
    log:
        "results/logs/pretrain/generator_128.log",
    benchmark:
        "results/benchmarks/pretrain/generator_128.tsv"
    params:
        recipe={"latent": config["pretrain"]["generator"]["latent"]}
        | config["pretrain"]["generator_128"],
        inversion=unguided_inversion(experiment.high_resolution),
        seed=experiment.seed,
        precision=config["precision"],
        samples="results/pretrain/samples_128",


rule pretrain:
    input:
        expand("results/pretrain/{role}.safetensors", role=ROLES),
    localrule: True
