#!/bin/sh
# The command `jobferry` for root: runs as the user of the services, with their settings, in their folder.
# Put it into /usr/local/bin/jobferry. Quote values with ' in the settings' file: systemd and this script both read it.
set -eu
set -a
. /etc/jobferry/environment
set +a
export HOME=/var/lib/jobferry
cd /var/lib/jobferry
exec runuser -u jobferry -- /opt/jobferry/bin/jobferry "$@"
