#!/bin/bash
# Runs in the worker what the host asks for: `run <job>`, `kill <pid> <signal>`, a line each on one connection; each job's output
# has two connections of its own. It is answered by `started <job> <pid>` and `ended <job> <code>`; `clock <question>` is by
# `clock <question> <seconds>`, the worker's Unix time.
host=/dev/tcp/10.0.2.1/9611

job() {
  exec 3<>$host 4<>$host
  echo "stdout $1" >&3
  echo "stderr $1" >&4
  bash "/run/podgauge/job-$1.sh" </dev/null >&3 2>&4 3>&- 4>&- 5>&- &
  echo "started $1 $!" >&5
  wait $!
  local code=$?
  exec 3>&- 4>&-
  echo "ended $1 $code" >&5
}

exec 5<>$host
echo control >&5
while read -r verb subject signal <&5; do
  case $verb in
    run) job "$subject" & ;;
    kill) kill "-$signal" "$subject" ;;
    clock) echo "clock $subject $EPOCHREALTIME" >&5 ;;
  esac
done
echo o >/proc/sysrq-trigger # power off
