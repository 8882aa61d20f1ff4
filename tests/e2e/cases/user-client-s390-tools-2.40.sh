#!/bin/bash
# SPDX-License-Identifier: MIT
# client-s390-tools-2.40, its runs by a plain user.
# seconds: 240
exec "$TOP/tests/clients/as-user.sh" client-s390-tools-2.40
