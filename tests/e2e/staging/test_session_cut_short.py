"""A session of several files, one of which is cut off while it is read: it is taken up, and all of them are whole."""

from __future__ import annotations

import re

SESSION = "S1A_20241114143038056552"
CHUNKS = [f"DCS_04_{SESSION}_ch{channel}_DSDB_0000{number}.raw" for channel in (1, 2) for number in (6, 7)]


def test_a_session_of_which_one_file_is_cut_off(alice, collection, faults, ended, station_bytes, tmp_path):
    (item,) = alice.search("cadip", collections=["s1_mti"], ids=[SESSION]).items()
    at_the_station = item.assets[CHUNKS[1]].href.partition("/Files(")[2].removesuffix(")/$value")
    cut = faults.add("cut_download", path=re.escape(at_the_station), count=1)
    job = ended(alice.jobs.stage(collection, [item], asset_names=CHUNKS).id, 120)
    assert job.status == "successful", job.message
    assert faults.struck(cut)

    published = alice.catalog.item(collection, SESSION)
    assert sorted(published.assets) == CHUNKS
    for name, asset in published.assets.items():
        done = alice.downloads.fetch(asset, name, tmp_path)
        assert done.path.read_bytes() == station_bytes(item.assets[name].href)
