"""What tests ask of an archive, and how they let its time pass."""

from __future__ import annotations

SECOND, DAY = 1_000_000, 86_400_000_000
NOTIFICATION = {
    "NotificationEndpoint": "https://client.example/notices",
    "NotificationEpUsername": "me",
    "NotificationEpPassword": "secret",
}
BULK = {"FilterParam": "startswith(Name,'S1')", "BatchsizeProducts": 10, "BatchsizeVolume": 1, **NOTIFICATION}
SUBSCRIPTION = {
    "FilterParam": "contains(Name,'S')",
    "SubscriptionEvent": "created",
    "StageOrder": False,
    "Priority": 50,
}


def later(visitor, seconds):
    visitor.station.clock.set(now=visitor.station.clock.now() + int(seconds * SECOND))


async def product(visitor, online):
    found = await visitor.get("Products", filter=f"(Online eq {str(online).lower()}) and ContentLength gt 1", top="1")
    return found["value"][0]


async def ordered(visitor, **body):
    """An order of an offline product, and the product."""
    wanted = await product(visitor, online=False)
    answer = await visitor.post(f"Products({wanted['Id']})/OData.CSC.Order", {"Priority": 50} | body)
    assert answer.status_code in {201, 202}, answer.text
    return answer.json(), wanted
