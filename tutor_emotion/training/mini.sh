#!/bin/sh
# Makes omni-mini from nothing: tutor_emotion/training/mini.sh DATA OUT [--ship]
#
# DATA holds ferplus_train.npz, ferplus_valid.npz and emodb/. Runs that were stopped go on. The first
# seed measures the clips and teaches the sound tower, which the others share; then two seeds train at
# a time, each on one thread. PYTHON=…, JOBS=1 for one core only, SHARE=0.25 for a quarter of the steps,
# IMAGES=docs/images for the pictures. With --ship the result replaces the package's own.
set -eu
data=$1 out=$2 ship=${3:-}
python=${PYTHON:-python3}
jobs=${JOBS:-2}
share=${SHARE:-1}

mkdir -p "$out"
train="$python -m tutor_emotion.training.mini --data $data --out $out --share $share"
$train --only-prepare
printf '0\n1\n2\n' | xargs -P "$jobs" -I SEED $train --seed SEED >"$out/figures.log"
"$python" -m tutor_emotion.training.mini_release --data "$data" --out "$out" --share "$share" \
    --images "${IMAGES:-$out}" $ship
