#!/bin/bash
# One part of a sweep for each task of the array: sbatch slurm-array.sh TRACE
# What failed is run again by number, such as sbatch --array=3,7 slurm-array.sh TRACE
#SBATCH --job-name=cachesim
#SBATCH --array=1-16
#SBATCH --cpus-per-task=1
#SBATCH --mem=4G
#SBATCH --time=04:00:00
#SBATCH --output=cachesim-%A-%a.log
set -euo pipefail

# As many as --array above; SLURM_ARRAY_TASK_COUNT would be another number when some are run again.
parts=16

cachesim sweep --trace "$1" --policies lru,s3-fifo,w-tinylfu,arc --sizes 0.1%..100%:16 \
  --threads "${SLURM_CPUS_PER_TASK:-1}" --shard "$SLURM_ARRAY_TASK_ID/$parts" \
  --quiet --json "part-$SLURM_ARRAY_TASK_ID.json"
