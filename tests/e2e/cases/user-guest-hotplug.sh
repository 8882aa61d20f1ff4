#!/bin/bash
# SPDX-License-Identifier: MIT
# guest-hotplug, its runs by a plain user.
# seconds: 240
exec "$TOP/tests/clients/as-user.sh" guest-hotplug
