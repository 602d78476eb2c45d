#!/bin/sh
# Makes the shipped nets from nothing: tutor_emotion/training/recipe.sh DATA OUT [--ship]
#
# DATA holds ferplus_train.npz, ferplus_valid.npz and emodb/. Runs that were stopped go on. Two seeds
# train at a time, each on one thread: with the same CPU the same numbers come back.
# PYTHON=…, JOBS=1 to take one core only. With --ship the results replace the package's own.
set -eu
data=$1 out=$2 ship=${3:-}
python=${PYTHON:-python3}
jobs=${JOBS:-2}

mkdir -p "$out"
printf '0\n1\n2\n' | xargs -P "$jobs" -I SEED \
    "$python" -m tutor_emotion.training.expression --data "$data" --out "$out/expression" --seed SEED

if [ "$ship" = --ship ]; then
    "$python" -m tutor_emotion.training.release --runs "$out/expression" --data "$data" --ship
else
    "$python" -m tutor_emotion.training.release --runs "$out/expression" --data "$data" --out "$out/models"
fi
"$python" -m tutor_emotion.training.voice --data "$data/emodb" --out "$out/voice" $ship
