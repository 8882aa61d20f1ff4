#!/bin/bash
# SPDX-License-Identifier: MIT
# client-mdevctl-1.2, its runs by a plain user.
# seconds: 240
exec "$TOP/tests/clients/as-user.sh" client-mdevctl-1.2
