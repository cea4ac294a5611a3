"""`/_sim`: health, statistics, faults and the clock of a running station, and evictions at an archive."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from simulators.odata.instants import read_instant, write_instant
from simulators.service.faults import Fault
from simulators.service.station import Station


class ClockSetting(BaseModel):
    """What to change of the clock."""

    model_config = ConfigDict(extra="forbid")

    now: str | None = None
    speed: float | None = Field(default=None, ge=0)


class Eviction(BaseModel):
    """What an archive is to take offline."""

    model_config = ConfigDict(extra="forbid")

    product: str
    """Its Id."""


def administration(station: Station) -> APIRouter:
    """The routes below `/_sim`; they need no token, and count in no statistics."""
    router = APIRouter(prefix="/_sim")

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok", "interface": station.profile.interface, "profile": station.profile.name}

    @router.get("/stats")
    async def stats() -> dict[str, Any]:
        return station.stats.report()

    @router.delete("/stats", status_code=204)
    async def reset_stats() -> None:
        station.stats.reset()

    @router.get("/clock")
    async def clock() -> dict[str, Any]:
        return {"now": write_instant(station.clock.now()), "speed": station.clock.speed}

    @router.post("/clock")
    async def set_clock(setting: ClockSetting) -> dict[str, Any]:
        try:
            now = read_instant(setting.now) if setting.now is not None else None
        except ValueError as error:
            raise HTTPException(400, str(error)) from None
        station.clock.set(now=now, speed=setting.speed)
        return await clock()

    @router.delete("/tokens", status_code=204)
    async def revoke_tokens() -> None:
        station.tokens.revoke_all()

    @router.post("/evictions", status_code=204)
    async def evict(eviction: Eviction) -> None:
        if not await asyncio.to_thread(station.root.evict, eviction.product, station.clock.now()):
            raise HTTPException(404, f"There is no product {eviction.product!r} that could go offline.")

    _add_faults(router, station)
    return router


def _add_faults(router: APIRouter, station: Station) -> None:
    @router.get("/faults")
    async def faults() -> list[dict[str, Any]]:
        return [each.report() for each in station.faults.active()]

    @router.post("/faults", status_code=201)
    async def add_fault(fault: Fault) -> dict[str, Any]:
        return station.faults.add(fault).report()

    @router.delete("/faults", status_code=204)
    async def clear_faults() -> None:
        station.faults.clear()

    @router.delete("/faults/{number}", status_code=204)
    async def remove_fault(number: int) -> None:
        if not station.faults.remove(number):
            raise HTTPException(404, f"There is no fault {number}.")
