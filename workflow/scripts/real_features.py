from experiment.script import job

import torch

from editable_deepsc.data.storage import save_arrays
from editable_deepsc.evaluation.measure.fid_kid import features_of
from experiment.inputs import training_images

with job(snakemake) as this:
    p, dataset = snakemake.params, snakemake.wildcards.dataset
    images = training_images(this, p.entry, p.n, p.seed, dataset, "real faces")
    features = features_of(this.network("fidelity"), images)
    save_arrays(snakemake.output[0], {"features": features.to(torch.float32)})
