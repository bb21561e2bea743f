#!/usr/bin/env bash
# Runs slurm.sh on a Slurm of its own, with one node, this machine: an array of four tasks, and the
# job that merges. The merged report must be the one of the whole campaign, byte by byte.
#
#   slurm_test.sh build/release/gridproof
#
# Needs root and Debian's packages slurm-wlm and munge, so it is run by hand. Keys, configuration,
# state and logs lie in a temporary folder; the daemons use the ports 16817 and 16818.
set -eu
[ $# = 1 ] || { echo "usage: slurm_test.sh GRIDPROOF" >&2; exit 2; }
gridproof=$(realpath "$1")
recipe=$(realpath "$(dirname "$0")/slurm.sh")
for program in munged slurmctld slurmd sbatch; do
  command -v $program >/dev/null || { echo "there is no $program: apt-get install slurm-wlm munge" >&2; exit 2; }
done

folder=$(mktemp -d)
stop() {
  for daemon in slurmd slurmctld munged; do
    [ ! -s "$folder/$daemon.pid" ] || kill "$(cat "$folder/$daemon.pid")" || true
  done
  sleep 1 # they write their state
  rm -rf "$folder"
}
trap stop EXIT

host=$(hostname -s)
mkdir "$folder/munge" "$folder/state" "$folder/spool" "$folder/work"
chmod 700 "$folder/munge"
head -c 1024 /dev/urandom >"$folder/munge/key"
chmod 600 "$folder/munge/key"
cat >"$folder/slurm.conf" <<END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
END
export SLURM_CONF=$folder/slurm.conf
munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
  --pid-file="$folder/munged.pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF"
for _ in $(seq 50); do
  [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ] && break
  sleep 0.2
done
sinfo --noheader --format="node %n, %c CPUs, %T" || { tail "$folder"/*.log >&2; exit 1; }

cd "$folder/work"
# A subject with findings, so that there is something to merge.
campaign=(--subject mutant:nan.zero --max-samples 2e5 --seed 3)
"$gridproof" check "${campaign[@]}" --out whole >/dev/null || [ $? = 1 ]

merge=(sbatch --wait --output=merge.out
  --wrap "$gridproof merge gridproof-report/shard-*/report.json --out gridproof-report")
job=$(GRIDPROOF=$gridproof sbatch --parsable --array=1-4 "$recipe" "${campaign[@]}")
code=0
"${merge[@]}" --dependency="afterany:$job" || code=$?
tail -n 1 slurm-"$job"_*.out merge.out
python3 - "$code" <<'END'
import json, pathlib, sys
tasks = [json.loads(path.read_text()) for path in sorted(pathlib.Path("gridproof-report").glob("shard-*/report.json"))]
print("samples of the tasks:", *(task["totals"]["samples"] for task in tasks))
whole, merged = (pathlib.Path(name, "report.json").read_bytes() for name in ("whole", "gridproof-report"))
print("the merged report is that of the whole campaign:", merged == whole)
assert len(tasks) == 4 and merged == whole and json.loads(whole)["findings"]
assert sys.argv[1] == "1", f"the merging job ended with {sys.argv[1]}, although there are findings"
END

# A task that did not judge is missed.
rm -r gridproof-report/shard-3
job=$(GRIDPROOF=$gridproof sbatch --parsable --array=3 "$recipe" --subject nobody)
code=0
"${merge[@]}" --dependency="afterany:$job" || code=$?
cat slurm-"$job"_3.out merge.out
[ $code = 2 ] || { echo "the merging job ended with $code although a shard is missing" >&2; exit 1; }
echo "slurm.sh works"
