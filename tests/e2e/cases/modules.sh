#!/bin/bash
# SPDX-License-Identifier: MIT
# modprobe, insmod, rmmod, lsmod, modinfo and /sys/module in run: ours are the virtual kernel's, with kmod's own
# words and statuses; all others are the host's commands' business. By name, by hard-coded path, as root and not.
# not over a host: there the modules are the host's, and its own commands load them
set -eu
cat >inside.sh <<'E2'
set -eu
fail() { echo "$*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
status() { s=0; "$@" >out 2>&1 || s=$?; echo $s; }
dir=/lib/modules/$(uname -r)/kernel
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
create=/sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
loaded() { lsmod | awk '{ print $1 }' | grep -qx "$1"; }

# what the views say is the same
agree() {
	lsmod | awk 'NR > 1 { print $1, $2, $3 }' | sort >views.lsmod
	for m in /sys/module/*/refcnt; do
		m=${m%/refcnt}
		[ ! -d "$m/holders" ] || echo "${m##*/} $(cat "$m/coresize") $(cat "$m/refcnt")"
	done | sort >views.sys
	[ ! -e /proc/modules ] || awk '{ print $1, $2, $3 }' /proc/modules | sort >views.proc
	# modules of the host may come and go meanwhile: ours are compared
	for view in views.sys views.lsmod views.proc; do
		[ -e $view ] || continue
		grep -E '^(zcrypt|zcrypt_cex[24].?|vfio|vfio_ap|vfio_mdev|mdev|kvm|vfio_iommu_type1) ' $view >$view.ours || :
		cmp views.sys.ours $view.ours || { cat views.sys.ours $view.ours; exit 1; }
	done
}
agree
loaded vfio_ap || fail 'vfio_ap is not loaded at first'

# unloading: what it needed goes too, unless it is used otherwise; the trees go with it
modprobe -r vfio_ap
[ ! -e /sys/devices/vfio_ap ] && [ ! -e /sys/module/vfio_ap ] && [ ! -e /sys/bus/mdev ]
! loaded mdev || fail 'mdev is still loaded'
loaded vfio && loaded zcrypt || fail 'too much was unloaded'
agree
is "$(status modprobe -r vfio_ap)" 0
is "$(status modprobe -r --first-time vfio_ap)" 1
is "$(cat out)" 'modprobe: FATAL: Module vfio_ap is not in kernel.'
is "$(status rmmod vfio_ap)" 1
is "$(cat out)" 'rmmod: ERROR: Module vfio_ap is not currently loaded'

# loading: what it needs comes first; -n does nothing, -v says what is done, a second time is no error
is "$(modprobe -n -v vfio_ap)" "$(modprobe --dry-run --verbose vfio-ap)"
[ ! -e /sys/devices/vfio_ap ]
modprobe -v vfio_ap >out
grep -qx "insmod $dir/drivers/vfio/mdev/mdev.ko " out
is "$(tail -n 1 out)" "insmod $dir/drivers/s390/crypto/vfio_ap.ko "
[ -d /sys/devices/vfio_ap/matrix ] && [ -d /sys/bus/mdev ]
is "$(cat "${APSYSFS_OUTER:-/sys}"/.apsysfs/events | tail -n 1 | tr ' ' '\n' | grep -m1 -o 'a[a-z]*@/module/[a-z_]*')" add@/module/vfio_ap
is "$(status modprobe vfio_ap)" 0
is "$(status modprobe --first-time vfio_ap)" 1
is "$(cat out)" "modprobe: ERROR: could not insert 'vfio_ap': Module already in kernel"
is "$(modprobe -D zcrypt_cex4)" "insmod $dir/drivers/s390/crypto/zcrypt.ko 
insmod $dir/drivers/s390/crypto/zcrypt_cex4.ko "
is "$(modprobe --show-depends ap)" 'builtin ap'
agree

# by alias, as a card's modalias has it
is "$(modprobe -R "$(cat /sys/devices/ap/card05/modalias)")" zcrypt_cex4
rmmod zcrypt_cex4
is "$(cat /sys/bus/ap/bindings | cut -d/ -f1)" 0
[ ! -e /sys/devices/ap/card05/driver ]
modprobe "$(cat /sys/devices/ap/card05/modalias)"
[ -e /sys/devices/ap/card05/driver ]

# in use
is "$(status rmmod zcrypt)" 1
is "$(cat out)" "rmmod: ERROR: Module zcrypt is in use by: $(ls /sys/module/zcrypt/holders | tr '\n' ' ' | sed 's/ $//')"
is "$(status modprobe -r zcrypt)" 1
is "$(cat out)" 'modprobe: FATAL: Module zcrypt is in use.'
echo -5 >/sys/bus/ap/apmask
echo $uuid >$create
apsysfs guest start $uuid
is "$(status rmmod vfio_ap)" 1
is "$(cat out)" 'rmmod: ERROR: Module vfio_ap is in use'
is "$(status rmmod -f vfio_ap)" 1
grep -qx "rmmod: ERROR: could not remove module vfio_ap: Resource temporarily unavailable" out
is "$(status modprobe -r vfio_ap)" 1
is "$(cat out)" 'modprobe: FATAL: Module vfio_ap is in use.'
is "$(status modprobe -q -r vfio_ap)" 1
is "$(cat out)" ''
[ -d /sys/devices/vfio_ap/matrix/$uuid ]
apsysfs guest stop $uuid
rmmod vfio_ap
[ ! -e /sys/devices/vfio_ap ]

# insmod: takes a file, brings nothing along
modprobe -r mdev
is "$(status insmod "$(modinfo -n vfio_ap)")" 1
is "$(cat out)" "insmod: ERROR: could not insert module $dir/drivers/s390/crypto/vfio_ap.ko: Unknown symbol in module"
: >mdev.ko
insmod ./mdev.ko
is "$(status insmod ./mdev.ko)" 1
is "$(cat out)" 'insmod: ERROR: could not insert module ./mdev.ko: File exists'
is "$(status insmod ./vfio_ap.ko)" 1
is "$(cat out)" 'insmod: ERROR: could not load module ./vfio_ap.ko: No such file or directory'
modprobe -a zcrypt vfio_ap
loaded vfio_ap || fail 'modprobe -a did not load it'

# parameters: checked as the kernel does
rmmod vfio_ap
rmmod kvm
modprobe kvm nested=1 hpage=1 nosuch=3
is "$(cat /sys/module/kvm/parameters/nested)$(cat /sys/module/kvm/parameters/hpage)" 11
cat "${APSYSFS_OUTER:-/sys}"/.apsysfs/log | tail -n 1 | grep -q "kvm: unknown parameter 'nosuch' ignored"
rmmod kvm
is "$(status modprobe kvm nested=x)" 1
is "$(cat out)" "modprobe: ERROR: could not insert 'kvm': Invalid argument"
cat "${APSYSFS_OUTER:-/sys}"/.apsysfs/log | tail -n 1 | grep -q 'kvm: `x'\'' invalid for parameter `nested'\'
[ ! -e /sys/module/kvm ]
modprobe vfio_ap
is "$(cat /sys/module/kvm/parameters/nested)" 0

# built in, unknown, modinfo
is "$(status modprobe ap)" 0
is "$(status modprobe -r ap)" 1
is "$(cat out)" 'modprobe: FATAL: Module ap is builtin.'
is "$(status rmmod ap)" 1
is "$(cat out)" 'rmmod: ERROR: Module ap is builtin.'
is "$(status modprobe nosuch_module)" 1
is "$(cat out)" "modprobe: FATAL: Module nosuch_module not found in directory /lib/modules/$(uname -r)"
is "$(status modprobe -q nosuch_module)" 1
is "$(status modprobe -a nosuch_module zcrypt)" 1
is "$(status rmmod nosuch_module vfio_ap)" 1
[ ! -e /sys/module/vfio_ap ]
modprobe vfio_ap
is "$(modinfo -n ap)" '(builtin)'
is "$(modinfo -F license vfio_ap)" 'GPL v2'
is "$(modinfo -F alias zcrypt_cex4 | head -n 1)" 'ap:t0A*'
is "$(modinfo vfio_ap | sed -n 1p)" "filename:       $dir/drivers/s390/crypto/vfio_ap.ko"
is "$(modinfo -F depends vfio_ap)" vfio,mdev,kvm
modinfo -p kvm | grep -qx 'nested:Nested virtualization support (int)'
is "$(status modinfo nosuch_module)" 1
is "$(cat out)" 'modinfo: ERROR: Module nosuch_module not found.'

# the host's own: a version, an index, help
if [ -x /sbin/modprobe ]; then
	/sbin/modprobe -r vfio_ap
	[ ! -e /sys/devices/vfio_ap ]
	/usr/sbin/modprobe vfio_ap
	[ -e /sys/devices/vfio_ap ]
	env -i /sbin/lsmod | grep -q '^vfio_ap '
	modprobe --version | grep -q '^kmod version'
	kmod help | grep -q static-nodes
	kmod list | grep -q '^vfio_ap '
	depmod --version | grep -q '^kmod version'
fi
E2
echo modules here:
"$APSYSFS" run -- sh inside.sh
for kernel in 4.20 5.10; do
	"$APSYSFS" run --kernel $kernel -- sh -euc '
		modprobe -r vfio_ap && [ ! -e /sys/devices/vfio_ap ]
		modprobe vfio_ap && [ -e /sys/devices/vfio_ap ] && lsmod | grep -q "^zcrypt_cex2a "
		modprobe -R ap:t08 | grep -qx zcrypt_cex2a; [ "$(cat /sys/module/zcrypt/parameters/hwrng_seed)" = 1 ]
		modprobe -r zcrypt_cex2a zcrypt_cex2c zcrypt_cex4 && [ ! -e /sys/module/zcrypt ]
		modprobe zcrypt hwrng_seed=0 && [ "$(cat /sys/module/zcrypt/parameters/hwrng_seed)" = 0 ]'
done
# two deep, the inner one's are its own, and the host's commands are still found
"$APSYSFS" run -- "$APSYSFS" run --kernel 6.1 -- sh -euc 'rmmod vfio_ap; modinfo -F vermagic vfio_ap | grep -q "^6\.1"
	[ ! -x /sbin/modprobe ] || modprobe --version | grep -q "^kmod version"'
"$APSYSFS" run -- sh -euc '"$0" run -- modprobe -r vfio_ap; [ -e /sys/devices/vfio_ap ]' "$APSYSFS"

# no kmod on the host: by $PATH
if command -v modprobe >/dev/null; then
	mkdir upper work
	if unshare -m sh -c 'mount -t tmpfs none work && mkdir work/upper work/work &&
		mount -t overlay none -o lowerdir=/usr,upperdir=work/upper,workdir=work/work /usr' 2>/dev/null; then
		unshare -m sh -euc 'mount -t tmpfs none work && mkdir work/upper work/work &&
			mount -t overlay none -o lowerdir=/usr,upperdir=work/upper,workdir=work/work /usr
			rm /usr/sbin/modprobe /usr/sbin/lsmod /usr/bin/lsmod /usr/sbin/insmod /usr/sbin/rmmod /usr/sbin/modinfo \
				/usr/sbin/depmod /usr/bin/kmod 2>/dev/null || :
			! command -v modprobe
			"$0" run -- sh inside.sh' "$APSYSFS"
	else
		echo 'note: no overlay here, so the host without kmod was not tried'
	fi
else
	echo 'note: this host has no kmod, so only $PATH leads to ours'
fi
[ -e /proc/modules ] || echo 'note: this kernel has no /proc/modules to cover'

# somebody who is not root may look, not change
if [ "$(id -u)" = 0 ]; then
	"$APSYSFS" run -- setpriv --reuid 65534 --regid 65534 --clear-groups sh -euc '
		lsmod | grep -q "^vfio_ap "; modinfo -n vfio_ap >/dev/null
		if rmmod vfio_ap 2>&1; then exit 1; fi; if modprobe -r vfio_ap 2>&1; then exit 1; fi' >out
	grep -qx "rmmod: ERROR: could not remove module vfio_ap: Operation not permitted" out
	# and as a plain user, in a user namespace
	mkdir -m 777 user
	cp "$APSYSFS" inside.sh user
	chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
	unshare -m sh -euc '
		mknod user/fuse c 10 229
		chmod 666 user/fuse
		mount --bind user/fuse /dev/fuse
		cd user
		PATH=$PWD:$PATH
		setpriv --reuid 65534 --regid 65534 --clear-groups ./apsysfs run -- sh ./inside.sh'
fi
