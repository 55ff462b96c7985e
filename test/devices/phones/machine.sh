# Sourced by the first process of a machine: gives it a file system that forgets, a network, /dev and /proc.
set -eu
rootfs=$1 state=$2 name=$3 address=$4
here=$(dirname "$(realpath "$0")")

mkdir "$state/$name"
mount -t tmpfs tmpfs "$state/$name"
mkdir "$state/$name/upper" "$state/$name/work" "$state/$name/root"
root=$state/$name/root
mount -t overlay overlay -o "lowerdir=$rootfs,upperdir=$state/$name/upper,workdir=$state/$name/work" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts"
mount -t devpts devpts "$root/dev/pts" -o newinstance,ptmxmode=0666
ln -s pts/ptmx "$root/dev/ptmx"

cat >"$root/etc/passwd" <<PASSWD
root:x:0:0:root:/root:/bin/sh
sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
pi:x:1000:1000::/home/pi:/bin/bash
PASSWD
printf 'root:x:0:\npi:x:1000:\nnogroup:x:65534:\n' >"$root/etc/group"

ip link set lo up
until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
ip address add "$address" dev eth0
ip link set eth0 up
