"""The product attributes of each mission and their types, as the missions' metadata specifications name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulators.odata.types import Attribute, Edm


def _table(**names: str) -> dict[str, Edm]:
    """Names by type, each type's as one text."""
    return {name: Edm[edm] for edm, text in names.items() for name in text.split()}


MISSION_ATTRIBUTES: dict[str, dict[str, Edm]] = {
    "S1": _table(
        INSTANT="beginningDateTime endingDateTime segmentStartTime processingDate productGeneration",
        DOUBLE="startTimeFromAscendingNode completionTimeFromAscendingNode",
        STRING="platformShortName platformSerialIdentifier instrumentShortName operationalMode polarisationChannels"
        " orbitDirection coordinates productType productClass productConsolidation swathIdentifier timeliness"
        " processingLevel processingCenter processorName processorVersion productComposition origin"
        " processingBaseline",
        INT64="orbitNumber relativeOrbitNumber cycleNumber instrumentConfigurationID datatakeID sliceNumber"
        " totalSlices",
        BOOLEAN="sliceProductFlag",
    ),
    "S2": _table(
        INSTANT="beginningDateTime endingDateTime processingDate sourceProductOriginDate",
        DOUBLE="cloudCover illuminationZenithAngle",
        STRING="productGroupId processorVersion coordinates qualityStatus productType instrumentShortName"
        " processingCenter platformSerialIdentifier platformShortName operationalMode tileId datastripId"
        " granuleIdentifier sourceProduct processingBaseline processingLevel origin",
        INT64="orbitNumber relativeOrbitNumber qualityInfo lastOrbitNumber",
    ),
    "S3": _table(
        INSTANT="beginningDateTime endingDateTime processingDate",
        DOUBLE="landCover cloudCover coastalCover snowOrIceCover brightCover salineWaterCover tidalRegionCover"
        " freshInlandWaterCover",
        STRING="instrumentShortName productType timeliness processorName orbitDirection lastOrbitDirection"
        " baselineCollection processingBaseline processorVersion processingLevel processingCenter operationalMode"
        " platformShortName platformSerialIdentifier",
        INT64="orbitNumber lastOrbitNumber relativeOrbitNumber lastRelativeOrbitNumber cycleNumber closedSeaCover"
        " openOceanCover continentalIceCover",
    ),
    "S5P": _table(
        INSTANT="beginningDateTime endingDateTime processingDate",
        STRING="productType processingMode processorName processorVersion acquisitionType qualityStatus"
        " parentIdentifier identifier doi baselineCollection processingLevel processingCenter productClass"
        " platformShortName platformSerialIdentifier",
        INT64="orbitNumber revisionNumber slice",
    ),
    "AUX": _table(
        INSTANT="beginningDateTime endingDateTime processingDate productGeneration",
        STRING="productType timeliness platformShortName platformSerialIdentifier instrumentShortName processorName"
        " processorVersion processingCenter",
        INT64="instrumentConfigurationID",
    ),
}
"""By mission; `AUX` are the auxiliary and POD files of all missions."""


def attributes_of(missions: Iterable[str], types: Mapping[str, str]) -> dict[str, Attribute]:
    """The attributes a station of these missions has; `types` names those that it sends with another type."""
    found: dict[str, Edm] = {}
    for mission in missions:
        found |= MISSION_ATTRIBUTES[mission]
    found |= {name: Edm(edm) for name, edm in types.items() if name in found}
    return {name: Attribute(name, edm) for name, edm in found.items()}
