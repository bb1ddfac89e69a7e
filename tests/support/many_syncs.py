#!/usr/bin/env python3
"""Writes many.yaml and many.json, a seed for the sandbox: COUNT syncs, as many of each status.

    many_syncs.py COUNT
"""

import json
import pathlib
import sys

STATUSES = ["missing", "drifted", "duplicate", "unmanaged", "unhealthy", "withheld", "in-sync"]


def live(number, name, **more):
    return {"companyId": "comp_123", "id": f"sync_{number}", "segmentId": "seg_vips", "adAccountId": "act_1234567890",
            "audienceName": name, **more}


def list_live(number, name, status):
    if status == "drifted":
        return [live(number, name, frequency="weekly", isActive=False)]
    if status == "duplicate":
        return [live(number, name), live(f"{number}_again", name)]
    if status == "unhealthy":
        return [live(number, name, syncStatus="error", lastSyncError="(#2650) the access token has expired")]
    return [] if status in ("missing", "withheld") else [live(number, name)]


def main():
    count = int(sys.argv[1])
    syncs = []
    manifest = ["apiVersion: audiencectl/v1", "defaults: {adAccountId: act_1234567890}", "audienceSyncs:"]
    for number in range(count):
        status = STATUSES[number % len(STATUSES)]
        name = f"Customers of region {number}"
        syncs += list_live(number, name, status)
        if status != "unmanaged":
            paused = ", isActive: false" if status == "withheld" else ""
            # With the segment of an unmanaged one it would be withheld, too.
            segment = "seg_newsletter" if status == "missing" else "seg_vips"
            manifest.append(f"  - {{audienceName: {name}, segmentId: {segment}{paused}}}")
    pathlib.Path("many.yaml").write_text("\n".join(manifest) + "\n")
    pathlib.Path("many.json").write_text(json.dumps({"audienceSyncs": syncs}))


if __name__ == "__main__":
    main()
