#!/bin/bash
# SPDX-License-Identifier: MIT
# guest-net, its runs by a plain user.
# seconds: 120
exec "$TOP/tests/clients/as-user.sh" guest-net
