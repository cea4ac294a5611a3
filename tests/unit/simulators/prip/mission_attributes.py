"""The attributes and names of each mission's products, by hand from the interface's documents."""

from __future__ import annotations

# The attributes of each mission by type; those marked mandatory in every product of ESA's suite come first.
S1_MANDATORY = (
    "beginningDateTime endingDateTime startTimeFromAscendingNode completionTimeFromAscendingNode platformShortName"
    " platformSerialIdentifier instrumentShortName operationalMode polarisationChannels orbitDirection productType"
    " productClass productConsolidation orbitNumber relativeOrbitNumber cycleNumber instrumentConfigurationID"
    " datatakeID sliceProductFlag"
)
S2_MANDATORY = (
    "productGroupId processorVersion processingDate beginningDateTime endingDateTime orbitNumber qualityStatus"
    " productType instrumentShortName processingCenter platformSerialIdentifier platformShortName operationalMode"
    " relativeOrbitNumber"
)
S3_MANDATORY = (
    "beginningDateTime endingDateTime instrumentShortName productType timeliness orbitNumber lastOrbitNumber"
    " relativeOrbitNumber cycleNumber processorName"
)
S5P_SENT = (
    "productType processingMode processorName processorVersion acquisitionType qualityStatus doi baselineCollection"
    " processingLevel processingCenter productClass orbitNumber processingDate"
)
MANDATORY = {"s1a": S1_MANDATORY, "s2b": S2_MANDATORY, "s3a": S3_MANDATORY, "s5p": S5P_SENT}
TYPES = {
    "DateTimeOffset": "beginningDateTime endingDateTime segmentStartTime processingDate productGeneration"
    " sourceProductOriginDate",
    "Double": "startTimeFromAscendingNode completionTimeFromAscendingNode cloudCover illuminationZenithAngle landCover"
    " coastalCover snowOrIceCover brightCover salineWaterCover tidalRegionCover freshInlandWaterCover",
    "Integer": "orbitNumber relativeOrbitNumber cycleNumber instrumentConfigurationID datatakeID sliceNumber"
    " totalSlices qualityInfo lastOrbitNumber lastRelativeOrbitNumber closedSeaCover openOceanCover"
    " continentalIceCover revisionNumber slice",
    "Boolean": "sliceProductFlag",
    "String": "platformShortName platformSerialIdentifier instrumentShortName operationalMode polarisationChannels"
    " orbitDirection coordinates productType productClass productConsolidation swathIdentifier timeliness"
    " processingLevel processingCenter processorName processorVersion productComposition origin processingBaseline"
    " productGroupId qualityStatus tileId datastripId granuleIdentifier sourceProduct lastOrbitDirection"
    " baselineCollection processingMode acquisitionType parentIdentifier identifier doi",
}
# What else the missions' products have; not every kind has all of it.
FURTHER = {
    "s1a": "coordinates sliceNumber totalSlices segmentStartTime processingDate productGeneration swathIdentifier"
    " timeliness processingLevel processingCenter processorName processorVersion productComposition origin"
    " processingBaseline",
    "s2b": "coordinates tileId datastripId granuleIdentifier sourceProduct sourceProductOriginDate processingBaseline"
    " processingLevel origin cloudCover illuminationZenithAngle qualityInfo lastOrbitNumber",
    "s3a": "lastRelativeOrbitNumber orbitDirection lastOrbitDirection baselineCollection processingBaseline"
    " processorVersion processingLevel processingCenter operationalMode landCover cloudCover coastalCover"
    " snowOrIceCover brightCover salineWaterCover tidalRegionCover freshInlandWaterCover closedSeaCover openOceanCover"
    " continentalIceCover",
    "s5p": "parentIdentifier identifier revisionNumber slice",
}
TYPE_OF = {name: kind for kind, names in TYPES.items() for name in names.split()}
JSON_TYPE = {"DateTimeOffset": str, "Double": float, "Integer": int, "Boolean": bool, "String": str}
STAMP = r"\d{8}T\d{6}"
NAMES = {
    "s1a": rf"S1A_(IW|EW|S6)_(RAW__0|SLC__1|GRDH_1|GRDM_1|OCN__2|ETA__A)[SANCX]D[VH]_{STAMP}_{STAMP}_\d{{6}}"
    r"_[0-9A-F]{6}_[0-9A-F]{4}(_COG)?\.SAFE\.zip",
    "s2b": rf"S2B_OPER_MSI_L0__DS_2BPS_{STAMP}_S{STAMP}_N05\.11\.tar"
    rf"|S2B_OPER_MSI_L0__GR_2BPS_{STAMP}_S{STAMP}_D\d\d_N05\.11\.tar"
    rf"|S2B_OPER_MSI_L(1C|2A)_TL_2BPS_{STAMP}_A\d{{6}}_T\d\d[C-X][A-Z]{{2}}_N05\.11\.tar"
    rf"|S2B_MSIL(1C|2A)_{STAMP}_N0511_R\d{{3}}_T\d\d[C-X][A-Z]{{2}}_{STAMP}\.SAFE\.zip",
    "s3a": rf"S3A_[A-Z0-9_]{{11}}_{STAMP}_{STAMP}_{STAMP}_\d{{4}}_\d{{3}}_\d{{3}}_[0-9_]{{4}}_[A-Z0-9_]{{3}}"
    r"_O_[A-Z]{2}_\d{3}\.SEN3\.zip",
    "s5p": rf"S5P_(OPER|OFFL)_[A-Z0-9_]{{10}}_{STAMP}_{STAMP}_\d{{5}}_(\d\d|03_\d{{6}}_{STAMP})\.(RAW|nc)",
}
