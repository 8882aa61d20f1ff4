#!/bin/bash
# SPDX-License-Identifier: MIT
# client-s390-tools-2.35, its runs by a plain user, on the newest kernel alone.
# seconds: 240
exec "$TOP/tests/clients/as-user.sh" client-s390-tools-2.35
