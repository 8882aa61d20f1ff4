#!/bin/bash
# SPDX-License-Identifier: MIT
# lszcrypt and chzcrypt of s390-tools 2.40 (Debian's forky, s390x) under qemu-user: every option, every state of a card,
# word by word; a secure-execution guest; older kernels.
# seconds: 240
. "$TOP/tests/clients/s390-tools-case.sh" forky 2.40.0
