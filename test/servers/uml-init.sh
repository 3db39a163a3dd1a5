#!/bin/sh
# The first process in the User Mode Linux kernel, whose root is the host's own file system, read-only. $podgauge_run, from the
# kernel's command line, is a folder with `shares` (folders to be writable, one a line) and `program.sh`; stdout, stderr and code
# go there. All processes stay in the root cgroup: kernel threads with real-time priority, moved along, would make enabling the
# cpu controller fail with EINVAL.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
ln -s /proc/self/fd /dev/fd
ip link set lo up
echo uml >/proc/sys/kernel/hostname
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done
while IFS= read -r folder; do
  mount -t hostfs -o "$folder" none "$folder"
done <"$podgauge_run/shares"
sh "$podgauge_run/program.sh" >"$podgauge_run/stdout" 2>"$podgauge_run/stderr" </dev/null
echo $? >"$podgauge_run/code"
sync
echo o >/proc/sysrq-trigger # power off
sleep 60
