#!/bin/bash
# SPDX-License-Identifier: MIT
# not over a host: modules come and go, which there the host's own commands do
# dev, its runs by a plain user: there the file system has the nodes that nobody may make.
exec "$TOP/tests/clients/as-user.sh" dev
