#!/bin/bash
# The first process in the worker's kernel, whose root is the host's own file system, read-only. $podgauge_run, from the kernel's
# command line, is a folder that the host shares; a disk of its own laid over the root takes all that the node writes. $podgauge_init,
# `none` or `systemd`, is what it becomes then.
set -eu
case $podgauge_init in
  none) init=/run/podgauge/channel ;;
  systemd) init='/lib/systemd/systemd --unit=channel.service --log-target=console' ;;
esac
gateway=10.0.2.1 address=10.0.2.2

mount -t proc proc /proc
mount -t tmpfs tmpfs /run
for module in overlay veth bridge nf_conntrack; do modprobe --dirname "$podgauge_run" "$module"; done
mkdir /run/disk /run/root
mount -t ext4 /dev/ubda /run/disk
mkdir -p /run/disk/upper /run/disk/work /run/disk/containerd /run/disk/kubelet
mount -t overlay -o lowerdir=/,upperdir=/run/disk/upper,workdir=/run/disk/work overlay /run/root
cd /run/root
mount --move /dev dev
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for folder in run tmp var/log; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
chmod 1777 tmp
# An overlay on an overlay is no root for containers.
for folder in containerd kubelet; do
  mkdir -p "var/lib/$folder"
  mount --bind "/run/disk/$folder" "var/lib/$folder"
done
mkdir run/podgauge
mount -t hostfs -o "$podgauge_run" none run/podgauge
# Where the user of an agent that is not root may go too.
rm -f usr/local/bin/node
touch usr/local/bin/node
mount --bind "$(readlink run/podgauge/node)" usr/local/bin/node

ln -s /proc/self/fd dev/fd
# The kubelet asks for the clock of the processors, which this kernel does not tell.
{ sed '/^$/d' proc/cpuinfo; echo 'cpu MHz : 2400.000'; } >run/cpuinfo
mount --bind run/cpuinfo proc/cpuinfo
echo worker >proc/sys/kernel/hostname
echo worker >etc/hostname
echo '127.0.0.1 localhost worker' >etc/hosts
echo 1 >proc/sys/net/ipv4/ip_forward
ip link set lo up
ip address add $address/24 dev vec0
ip link set vec0 up
ip route add default via $gateway

# A host that is a container itself would have systemd think that this is one too, and a unit of the host's cannot be made anew.
rm -f .dockerenv usr/lib/systemd/system/containerd.service
# For systemd, which starts nothing else than what is asked of it here.
mkdir -p run/systemd/system
cat >run/systemd/system/channel.service <<UNIT
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/run/podgauge/channel
StandardOutput=null
StandardError=null
UNIT

mkdir -p old
pivot_root . old
umount --lazy /old
mount --make-rshared /
exec chroot . $init
