"""Live halls: what bidders ask is read from the sockets on the event loop and decided in that order, many at a time.

Same address, body, key and answer as every other act. Whatever is not plainly a signed-in bidder's command goes on to the pages, which
refuse it in their own words; so does a body whose size is not told beforehand.
"""
from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from aiohttp import web

from trading_core.adapters.tokens import Claims, NotSignedIn, in_time, signed_claims
from trading_core.domain.errors import Problem, Refused
from trading_core.domain.trade import Command
from trading_core.platform import Platform, Unit
from trading_core.services import sessions
from trading_core.services.halls import ACTS, Answer, Waiting, answer_all

from . import errors
from .api.body import JSON, KEY_HEADER, read_object
from .committer import Committer
from .errors import Limited, told
from .i18n import Words, language_of
from .limits import HALL_BODY_MAX, Buckets
from .wsgi import IDLE_SECONDS, Bridge, given_up

if TYPE_CHECKING:
    from pyramid.registry import Registry

logger = logging.getLogger(__name__)

FRESH = timedelta(seconds=2)  # for so long somebody whose session has ended is still heard
WAITING_EACH = 8  # commands of one person that wait at once
KNOWN = 10_000  # tokens and sessions remembered


class Live:
    """The address of a hall's acts. One instance per listening process."""

    def __init__(self, platform: Platform, bridge: Bridge, registry: Registry, headers: Mapping[str, str]) -> None:
        self._platform, self._bridge, self._registry, self._headers = platform, bridge, registry, headers
        self._claims = lru_cache(KNOWN)(partial(signed_claims, platform.keys.token))
        self._commands, self._waiting = Buckets(platform.settings.rate_per_minute), Counter[str]()
        self._heard: dict[str, datetime] = {}
        self._committer = Committer(partial(answer_all, platform))

    @property
    def asked(self) -> int:
        """How many commands have no answer yet."""
        return self._waiting.total()

    @property
    def waiting(self) -> int:
        """How many of them have not had their turn."""
        return self._committer.waiting

    def add_to(self, application: web.Application) -> None:
        """Claim the address in front of everything else."""
        application.router.add_post(f"/api/v1/lots/{{lot}}/acts/{{act:{'|'.join(sorted(ACTS))}}}", self.act)

    def close(self) -> None:
        """Decide what has been taken in."""
        self._committer.close()

    async def act(self, request: web.Request) -> web.StreamResponse:
        claims = self._signed_in(request)
        if claims is None or request.content_type != JSON or not 0 < (request.content_length or 0) <= HALL_BODY_MAX:
            return await self._bridge(request)
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                data = await request.read()
        except (TimeoutError, ConnectionError, web.RequestPayloadError):
            return given_up()
        return self._response(request, await self._answer(request, claims, data, self._platform.clock.now()))

    def _signed_in(self, request: web.Request) -> Claims | None:
        token = self._registry.token_policy.plain_token(request.headers, request.cookies)
        try:
            return in_time(self._claims(token), self._platform.clock.now()) if token else None
        except NotSignedIn:
            return None

    async def _answer(self, request: web.Request, claims: Claims, data: bytes, received_at: datetime) -> Answer:
        """From here to the queue nothing waits: the order of bodies read is the order of commands."""
        person = claims.actor.person
        wait = self._commands.take(person) or int(self._waiting[person] >= WAITING_EACH)
        if wait:
            return Limited(Problem("request.too_many", params={"seconds": wait}), wait)
        try:
            command = Command(request.match_info["act"], claims.actor, read_object(data), received_at)
        except Refused as refusal:
            return refusal
        waiting = Waiting(command, request.headers.get(KEY_HEADER, ""), self._bridge.address(request), partial(self._check, claims))
        self._waiting[person] += 1
        try:
            return await self._committer.ask(request.match_info["lot"], waiting)
        finally:
            self._waiting[person] -= 1
            if not self._waiting[person]:
                del self._waiting[person]

    def _check(self, claims: Claims, unit: Unit) -> None:
        """On the committer's thread: whether the session still stands, asked anew after `FRESH`."""
        heard = self._heard.get(claims.session)
        if heard is not None and timedelta(0) <= unit.now - heard < FRESH:
            return
        try:
            sessions.check(unit, claims)
        except NotSignedIn:
            raise Refused(Problem("request.unauthenticated")) from None
        if len(self._heard) >= KNOWN:
            self._heard.clear()
        self._heard[claims.session] = unit.now

    def _response(self, request: web.Request, answer: Answer) -> web.Response:
        request_id = self._platform.entropy.token_bytes(8).hex()
        common = {**self._headers, "X-Request-Id": request_id}
        if isinstance(answer, str):
            return web.Response(body=answer.encode(), headers={**common, "Content-Type": JSON, "Cache-Control": "no-store"})
        shown = told(answer)
        if shown.status == 500:
            logger.error("request %s failed", request_id, exc_info=answer)
        words = Words(self._registry.catalogue, language_of(request.query.get("lang"), request.headers.get("Accept-Language")))
        body = json.dumps(errors.body(shown, words, request_id)).encode()
        return web.Response(status=shown.status, body=body, headers={**common, **errors.headers(shown), "Content-Type": errors.PROBLEM})
