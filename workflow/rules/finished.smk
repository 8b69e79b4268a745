# Last, when all rules are known: what is finished stays, or is seen not to fit any more.

from experiment.planning import (
    keep_outputs_of_failures,
    look_where_the_rate_was_reached,
    measure_resident_memory_only,
    watch_plans,
)

look_where_the_rate_was_reached()
measure_resident_memory_only()
watch_plans(workflow)
keep_outputs_of_failures(workflow)
