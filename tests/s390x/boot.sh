#!/bin/bash
# SPDX-License-Identifier: MIT
# boot.sh [CASE...]: apsysfs built for s390x, on a booted Linux/s390x: Debian's kernel and programs in
# qemu-system-s390x, which there run end-to-end cases as tests/e2e/run.sh does here. Everything comes from Debian's
# packages, in a folder of its own (tests/clients/fetch.sh); what cannot be had is a printed reason and no failure.
#	S390X_SUITE (bookworm)	whose kernel and libraries	S390X_SECONDS (600)	how long the machine may run
set -eu
cd "$(dirname "$0")/../.."
suite=${S390X_SUITE:-bookworm}
root=$PWD/build/clients/s390x-$suite
build=build/s390x-$suite
work=$(mktemp -d "${TMPDIR:-/tmp}/apsysfs-s390x.XXXXXX")
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- mount-example proc-modules three-guests machine show policy-tenants

skip() { echo "skip: $*"; exit 0; }

for tool in qemu-system-s390x cpio s390x-linux-gnu-gcc; do
	command -v $tool >/dev/null || skip "there is no $tool (packages: qemu-system-misc cpio gcc-s390x-linux-gnu)"
done
tests/clients/fetch.sh "$suite" s390x "$root" linux-image-s390x bash coreutils sed grep gawk diffutils findutils \
	util-linux mount kmod procps uuid-runtime fuse3 libc6-dev libfuse3-dev uuid-dev libcyaml-dev libyaml-dev \
	libjson-c-dev libcap-ng-dev libseccomp-dev zlib1g-dev 2>"$work/why" ||
	skip "packages of $suite for s390x cannot be had: $(tail -n 1 "$work/why")"
kernel=$(ls "$root"/boot/vmlinuz-*)
release=${kernel#*/vmlinuz-}

# --- the program, with that suite's libraries ------------------------------------------------------

tools=()
for t in tests/tools/*.c; do tools+=("$build/$(basename "$t" .c)"); done
export PKG_CONFIG_LIBDIR=$root/usr/lib/s390x-linux-gnu/pkgconfig:$root/usr/share/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
make --no-print-directory -j2 BUILD="$build" CC="s390x-linux-gnu-gcc --sysroot=$root" AR=s390x-linux-gnu-ar \
	all "${tools[@]}" >"$work/make" 2>&1 || { cat "$work/make"; exit 1; }

# --- the machine's files: programs and libraries, one kernel module, the tree's scripts -------------

system=$work/system
mkdir -p "$system"/{proc,sys,dev,tmp,run,root,mnt,etc,tree/build}
(
	cd "$root"
	find bin sbin usr/bin usr/sbin lib/*.so* lib/s390x-linux-gnu usr/lib/s390x-linux-gnu \
		'(' -name perl\* -o -name perl-base -o -name gconv -o -name '*.a' -o -name '*.o' -o -name pkgconfig ')' -prune -o \
		'(' -type f -o -type l ')' -print
	find lib/modules -name 'fuse.ko*' -o -name 'modules.builtin*' -o -name modules.order
) | (cd "$root" && cpio --quiet -pdm "$system")
[ -e "$system/usr/bin/awk" ] || ln -s gawk "$system/usr/bin/awk"
[ -e "$system/usr/bin/which" ] || ln -s which.debianutils "$system/usr/bin/which"
[ -e "$system/bin/sh" ] || ln -s bash "$system/bin/sh"
printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$system/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$system/etc/group"
cp -a README.md mount-examples "$system/tree"
mkdir -p "$system/tree/tests"
cp -a tests/e2e tests/tsan.supp "$system/tree/tests"
cp "$build/apsysfs" "${tools[@]}" "$system/tree/build"
install -m 755 tests/s390x/boot-init.sh "$system/init"
printf '%s\n' "$@" >"$system/tree/cases"
(cd "$system" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0) >"$work/initrd"

# --- boot -------------------------------------------------------------------------------------------

started=$SECONDS
echo "booting Linux $release for s390x, cases: $*"
timeout "${S390X_SECONDS:-600}" qemu-system-s390x -M s390-ccw-virtio -cpu max -smp 2 -m 1024 -nographic -no-reboot \
	-nodefaults -serial stdio -kernel "$kernel" -initrd "$work/initrd" \
	-append 'quiet panic=-1 random.trust_cpu=on' </dev/null >"$work/console" 2>&1 || status=$?
tr -d '\r' <"$work/console" >"$work/log"
sed -n '/^s390x-boot: machine/,$p' "$work/log"
# the verdict is the guest's last line; a machine that hung, panicked or never came up has none
if [ "${status:-0}" -ne 0 ] || ! grep -qx "s390x-boot: $# passed, 0 failed, 0 skipped" "$work/log"; then
	echo "s390x-boot: failed after $((SECONDS - started)) s (status ${status:-0}); the end of its console:"
	tail -n 40 "$work/log"
	exit 1
fi
echo "s390x-boot: all as it should be, in $((SECONDS - started)) s"
