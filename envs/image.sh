#!/bin/sh
# What Dockerfile and apptainer.def install: Python of Debian, and into /opt/venv the pins of an environment of the rules.
#   image.sh LOCK ENVIRONMENT
# TORCH_INDEX: a package index with PyTorch's builds for processors, which take a third of the room. Without it the build for CUDA is
# installed, which runs on processors too.
set -eu
lock=$1 environment=$2
apt-get update
apt-get install --yes --no-install-recommends ca-certificates git python3 python3-venv
rm -rf /var/lib/apt/lists/*
python3 -m venv /opt/venv
pip="/opt/venv/bin/pip install --no-cache-dir --constraint $lock"
pins=$(sed -n 's/^ *- \([A-Za-z0-9._-]*==.*\)$/\1/p' "$environment")
[ -z "${TORCH_INDEX:-}" ] || $pip --index-url "$TORCH_INDEX" $(echo "$pins" | grep '^torch\(vision\)\?==')
$pip $pins
