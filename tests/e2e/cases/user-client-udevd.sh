#!/bin/bash
# SPDX-License-Identifier: MIT
# client-udevd, its runs by a plain user: udevd has his own network namespace and /run.
# seconds: 300
exec "$TOP/tests/clients/as-user.sh" client-udevd
