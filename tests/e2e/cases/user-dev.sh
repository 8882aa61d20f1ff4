#!/bin/bash
# SPDX-License-Identifier: MIT
# dev, its runs by a plain user: there the file system has the nodes that nobody may make.
exec "$TOP/tests/clients/as-user.sh" dev
