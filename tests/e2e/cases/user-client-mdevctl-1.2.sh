#!/bin/bash
# SPDX-License-Identifier: MIT
# not over a host: 4.20 does not show what a guest holds, and where a host refuses what the trial let through, run says so
# client-mdevctl-1.2, its runs by a plain user.
# seconds: 240
exec "$TOP/tests/clients/as-user.sh" client-mdevctl-1.2
