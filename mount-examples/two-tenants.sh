#!/bin/sh
# SPDX-License-Identifier: MIT
# Two tenants on one host, each with his own view of it and nothing of the other's (tenants.policy.yaml). As root on a host;
# without one, below "apsysfs run --".
set -eu
: "${APSYSFS:=apsysfs}"
here=$(dirname "$0")
dir=/run/apsysfs/tenants
types=devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough
red=a1000000-0000-4000-8000-000000000001
blue=b1000000-0000-4000-8000-000000000001

mkdir -p "$dir"
"$APSYSFS" mount --host /sys --policy "$here/tenants.policy.yaml" --owners /run/apsysfs/tenants.owners \
	--audit /run/apsysfs/tenants.audit "$dir"
trap 'umount "$dir"' EXIT

as() { # UID COMMAND
	setpriv --reuid="$1" --regid="$1" --clear-groups -- sh -euc "cd $dir; $2"
}
echo "red sees $(as 2001 'echo devices/ap/card*'), blue $(as 2002 'echo devices/ap/card*')"
as 2001 "echo -5 >bus/ap/apmask; echo $red >$types/create"
as 2001 "cd devices/vfio_ap/matrix/$red; echo 5 >assign_adapter; echo 4 >assign_domain; cat matrix"
as 2002 "echo -6 >bus/ap/apmask; echo $blue >$types/create"
as 2002 "cd devices/vfio_ap/matrix/$blue; echo 6 >assign_adapter; echo 0x47 >assign_domain; cat matrix"
as 2002 "ls devices/vfio_ap/matrix/$red" 2>/dev/null || echo "there is no mdev of red's for blue"
as 2002 'echo +5 >bus/ap/apmask' 2>/dev/null || echo 'nor an adapter 5 that he could take'
as 2002 "echo ${blue%1}2 >$types/create" 2>/dev/null || echo 'and he has the one mdev that he may have'
echo "refused by the audit's count: $(grep -c '"outcome":"denied"' /run/apsysfs/tenants.audit)"
