# What the sweep does not show of the codecs: `studies` in the config, see
# workflow/configs/codecs.yaml. Part of the default target where publish.codecs is true.

STUDIES = config.get("studies", {})


rule study_faces:
    """Embedded faces that no split and no corpus holds, and their true degrees."""
    output:
        "results/data/{dataset}/study.safetensors",
    log:
        "results/logs/study_faces/{dataset}.log",
    benchmark:
        "results/benchmarks/study_faces/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(experiment.embedded if STUDIES else []),
    conda:
        "../envs/data.yaml"
    threads: 1
    resources:
        **resources_of(15),
    params:
        entry=drawn_entry,
        n=STUDIES.get("faces"),
        seed=experiment.seed,
    script:
        "../scripts/study_faces.py"


if STUDIES:
    RATES, IMPORTANCE, MISMATCH = STUDIES["rates"], STUDIES["importance"], STUDIES["mismatch"]
    MISMATCHED = f"results/mismatch/{MAIN}/{MISMATCH['codec']}_{snr_text(MISMATCH['snr_db'])}dB.csv"

    rule study_rates:
        """Distortion against perception at equal bits.

        The GAN codec, its bits split in every way, next to the others.
        """
        input:
            unpack(networks("perceptual", "fidelity")),
            unpack(study_models(["any"], RATES["layered"])),
            data=lambda w: names.study_data(experiment, w.dataset),
        output:
            "results/studies/{dataset}/rates.csv",
        log:
            "results/logs/study_rates/{dataset}.log",
        benchmark:
            "results/benchmarks/study_rates/{dataset}.tsv"
        conda:
            "../envs/networks.yaml"
        threads: 1
        resources:
            **resources_of(60, gpu=1),
        params:
            options=lambda w: {
                codec: experiment.codec_options(codec, w.dataset)
                for codec in (RATES["layered"], *RATES["beside"])
            },
            study=RATES,
        script:
            "../scripts/study_rates.py"

    rule study_importance:
        """Task accuracy against SNR.

        The weighted codec, the same unweighted, and separation with as many real dimensions.
        """
        input:
            unpack(networks("evaluator")),
            unpack(study_models(experiment.snrs, IMPORTANCE["weighted"], IMPORTANCE["unweighted"])),
            data=lambda w: names.study_data(experiment, w.dataset),
        output:
            "results/studies/{dataset}/importance.csv",
        log:
            "results/logs/study_importance/{dataset}.log",
        benchmark:
            "results/benchmarks/study_importance/{dataset}.tsv"
        conda:
            "../envs/networks.yaml"
        threads: 1
        resources:
            **resources_of(60, gpu=1),
        params:
            options=lambda w: {
                codec: experiment.codec_options(codec, w.dataset)
                for codec in (
                    IMPORTANCE["weighted"],
                    IMPORTANCE["unweighted"],
                    *IMPORTANCE["separate"],
                )
            },
            study=IMPORTANCE,
            snrs=experiment.snrs,
            seed=experiment.seed,
        script:
            "../scripts/study_importance.py"

    rule studies:
        """The figures of the studies, and what held."""
        input:
            rates=f"results/studies/{MAIN}/rates.csv",
            importance=f"results/studies/{MAIN}/importance.csv",
            mismatch=MISMATCHED,
        output:
            report(
                "results/figures/codec_rates.png",
                caption="../report/codec_rates.rst",
                category="Figures",
            ),
            report(
                "results/figures/importance.png",
                caption="../report/importance.rst",
                category="Figures",
            ),
            report(
                "results/figures/mismatch.png",
                caption="../report/mismatch.rst",
                category="Figures",
            ),
            report(
                "results/tables/codec_claims.csv",
                caption="../report/codec_claims.rst",
                category="Tables",
            ),
            *expand("results/figures/{name}.pdf", name=["codec_rates", "importance", "mismatch"]),
            "results/tables/codec_claims.md",
            "results/tables/codec_claims.tex",
        log:
            "results/logs/studies.log",
        benchmark:
            "results/benchmarks/studies.tsv"
        localrule: True
        conda:
            "../envs/publish.yaml"
        params:
            dataset=MAIN,
            layered=RATES["layered"],
            jpeg=RATES["beside"][0],
        script:
            "../scripts/studies.py"

    rule earlier:
        """The comparison of the earlier paper: at 6 dB, with DeepJSCC and JPEG-LDPC."""
        input:
            "results/metrics.csv",
        output:
            report("results/tables/earlier.csv", caption="../report/earlier.rst", category="Tables"),
            "results/tables/earlier.md",
            "results/tables/earlier.tex",
        log:
            "results/logs/earlier.log",
        benchmark:
            "results/benchmarks/earlier.tsv"
        localrule: True
        conda:
            "../envs/publish.yaml"
        params:
            dataset=MAIN,
        script:
            "../scripts/earlier.py"
