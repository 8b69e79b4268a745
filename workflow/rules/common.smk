# The checked config and what the rules ask of it, from src/experiment.

import gc
from functools import partial

from editable_deepsc.editing.recipes import inversion_options
from editable_deepsc.systems.names import EDITABLE, parse_system
from experiment import checks, names, resources
from experiment.checks_files import by_hand
from experiment.config import ConfigError
from experiment.names import CELL, EDITORS, one_of, snr_text

# The millions of objects of a large plan all stay: to look for garbage took a third of the time.
gc.set_threshold(100_000, 5, 1000)

FETCHING = bool({"fetch", "rehearsal"} & set(sys.argv))  # what is missing will be there

# A mistake is one sentence, not an exception with its frames; jobs need not look for it again.
try:
    if workflow.is_main_process:
        checks.check_config_files(workflow.configfiles)
    experiment = checks.checked(config, workflow.source_path("../schemas/config.schema.yaml"))
    if workflow.is_main_process:
        checks.check_before_jobs(experiment, fetching=FETCHING)
        if "fetch" in sys.argv and (missing := by_hand(experiment)):
            logger.info(missing)
except ConfigError as error:
    logger.error(str(error))
    sys.exit(1)

MAIN = experiment.main
CELLS = names.cells(experiment)
CURVES, GRIDS = names.curves(experiment), names.grids(experiment)
BANDWIDTHS = names.bandwidth_tables(experiment)
priority_of = partial(resources.priority_of, experiment)
resources_of = partial(resources.resources_of, experiment)
RELEASED_INVERSIONS = resources.released_inversions(experiment)
fields = partial(names.fields, experiment)
codec_model = partial(names.codec_model, experiment)
adapters = partial(names.adapters, experiment)
adapters_of = partial(names.adapters_of, experiment)
edits = partial(names.edits, experiment)


wildcard_constraints:
    dataset="[A-Za-z0-9-]+",
    split="train|validation|finetune|test",
    system="[a-z0-9_+]+",
    snr=r"-?\d+(\.\d+)?",
    editor=one_of(EDITORS),
    codec=one_of(experiment.learned),
    role="[a-z_]+",
