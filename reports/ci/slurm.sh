#!/usr/bin/env bash
# For a Slurm cluster: judges a subject in shards, one for each task of the array. Submit it where
# the report is to be, on a file system that all nodes have, with the arguments of gridproof check;
# then a job that merges the shards, whose exit status is the verdict, and 2 when one is missing:
#
#   job=$(sbatch --parsable --array=1-4 slurm.sh --subject ./libmine.so --max-samples 1e9)
#   sbatch --wait --dependency=afterany:$job \
#     --wrap 'gridproof merge gridproof-report/shard-*/report.json --out gridproof-report'
#
# The array may have any number of tasks, counted from 1; partition, time and memory are sbatch's.
#SBATCH --job-name=gridproof
#SBATCH --array=1-4
set -u
${GRIDPROOF:-gridproof} check "$@" --threads "${SLURM_CPUS_PER_TASK:-1}" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --out "gridproof-report/shard-$SLURM_ARRAY_TASK_ID"
# Findings are no failure of a task: the job that merges tells them.
[ $? -le 1 ]
