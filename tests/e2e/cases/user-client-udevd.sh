#!/bin/bash
# SPDX-License-Identifier: MIT
# not over a host: modules come and go, which there the host's own commands do
# client-udevd, its runs by a plain user: udevd has his own network namespace and /run.
# seconds: 300
exec "$TOP/tests/clients/as-user.sh" client-udevd
