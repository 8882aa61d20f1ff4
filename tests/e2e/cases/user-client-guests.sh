#!/bin/bash
# SPDX-License-Identifier: MIT
# client-guests, its runs by a plain user.
# seconds: 240
exec "$TOP/tests/clients/as-user.sh" client-guests
