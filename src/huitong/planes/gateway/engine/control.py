"""The control server: gives every gateway its configuration by delta xDS (the aggregated
discovery service of Envoy's v3 API) and notes what each has taken.

It reads one `store` and nothing else, so gateways start and go on while the platform is down. Only
what changed is sent; what a gateway refuses stays as it was there, alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest as Request
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryResponse as Response
from google.protobuf.any_pb2 import Any as Packed

from huitong.planes.gateway.engine import former
from huitong.planes.gateway.engine.envoy.wire import KINDS, TYPE
from huitong.planes.gateway.engine.store import Change, Node, Store

SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService"
KIND_OF = {TYPE + name: kind for kind, name in KINDS.items()}
#: seconds between two looks at the store
AGAIN_S = 0.02
#: items in a message when a gateway starts: one by one, 5,000 take more than twice its memory
TOGETHER = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sent:
    """A message on its way: the items in it, by kind and name, and up to which serial everything
    had been taken before it."""

    kind: str
    names: tuple[str, ...]
    before: int


@dataclass
class Stream:
    """One connected gateway. ``names``: the items it asked for by kind, None = all of the kind;
    ``serial``: up to which it has been sent everything; ``refused``: items it did not take, with
    its reason."""

    node: str
    serial: int
    queue: asyncio.Queue[Response] = field(default_factory=asyncio.Queue)
    names: dict[str, set[str] | None] = field(default_factory=dict)
    pending: dict[str, Sent] = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    messages: int = 0

    @property
    def reached(self) -> int:
        """The serial up to which the gateway has answered everything; 0 until it has asked for
        all kinds."""
        if len(self.names) < len(KINDS):
            return 0
        return min((sent.before for sent in self.pending.values()), default=self.serial)

    def wants(self, change: Change) -> bool:
        names = self.names.get(change.kind, set())
        return names is None or change.name in names

    def send(self, kind: str, changes: Sequence[Change], before: int, together: int = 1) -> None:
        """Send changes of one kind, so many in a message; at least one message, which says that
        there is nothing.

        What changes is sent alone: of several scopes in one message of which it refuses one, Envoy
        takes some without going by them, and takes the same again for done.
        """
        for first in range(0, len(changes) or 1, together):
            part = changes[first : first + together]
            message = Response(type_url=TYPE + KINDS[kind], nonce=f"{self.messages}")
            for change in part:
                if change.body is None:
                    message.removed_resources.append(change.name)
                else:
                    packed = Packed(type_url=message.type_url, value=change.body)
                    message.resources.add(name=change.name, version=change.version, resource=packed)
            self.pending[message.nonce] = Sent(kind, tuple(c.name for c in part), before)
            self.messages += 1
            self.queue.put_nowait(message)

    def answered(self, nonce: str, problem: str) -> Sent | None:
        """Note that the gateway has taken a message, or refused it. Returns one of several items
        that it refused: which of them is wrong is not clear then."""
        sent = self.pending.pop(nonce, None)
        if sent is None:
            return None
        for name in sent.names:
            self.refused.pop((sent.kind, name), None)
        if not problem:
            return None
        if len(sent.names) > 1:
            return sent
        # before its reason Envoy writes out the whole item
        problem = problem.rsplit("\n: ", 1)[-1][:300]
        for name in sent.names:
            log.warning("gateway %s refuses %s: %s", self.node, name, problem)
            self.refused[sent.kind, name] = problem
        return None


class Control:
    """The server of one store."""

    def __init__(self, store: Store) -> None:
        self.store, self.streams = store, dict[int, Stream]()
        self._reported: dict[str, Node] = {}
        for node in store.nodes().values():  # nobody is connected to one that has just begun
            store.report(Node(node.name, False, 0, {}))

    async def serve(self, socket: Path) -> None:
        """Serve on a Unix socket, for our own account only, until cancelled."""
        server = grpc.aio.server()
        handler = grpc.stream_stream_rpc_method_handler(
            self._stream, Request.FromString, Response.SerializeToString
        )
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, {"DeltaAggregatedResources": handler}),)
        )
        socket.unlink(missing_ok=True)
        server.add_insecure_port(f"unix:{socket}")
        await server.start()
        socket.chmod(0o600)
        try:
            await self._follow()
        finally:
            await server.stop(None)

    async def _follow(self) -> None:
        """Send to every stream what changes."""
        stamp = -1
        while True:
            try:
                if (now := self.store.stamp()) != stamp:
                    for stream in self.streams.values():
                        self._update(stream)
                    stamp = now
            except sqlite3.Error:  # a full disk: gateways go on with what they have
                log.exception("the store cannot be read")
                await asyncio.sleep(1)
            await asyncio.sleep(AGAIN_S)

    def _update(self, stream: Stream) -> None:
        last = self.store.serial()
        if last <= stream.serial or not stream.names:
            return
        changes = [c for c in self.store.changes(stream.serial) if stream.wants(c)]
        before, stream.serial = stream.reached, last
        for kind in KINDS:
            if due := [change for change in changes if change.kind == kind]:
                stream.send(kind, due, before)
        self._report(stream)

    async def _stream(
        self, requests: AsyncIterator[Request], context: grpc.aio.ServicerContext[Request, Response]
    ) -> AsyncIterator[Response]:
        stream, number = Stream("", self.store.serial()), id(context)
        reading = asyncio.create_task(self._read(stream, number, requests))
        getting = asyncio.create_task(stream.queue.get())
        try:
            while True:
                done, _ = await asyncio.wait(
                    {reading, getting}, return_when=asyncio.FIRST_COMPLETED
                )
                if getting not in done:
                    await reading  # with its error, if it has one
                    return
                message = getting.result()
                getting = asyncio.create_task(stream.queue.get())
                yield message
        finally:
            self.streams.pop(number, None)
            for task in (reading, getting):
                task.cancel()
            # a gateway that came back may be connected anew before its former stream ends
            if all(other.node != stream.node for other in self.streams.values()):
                self._report(stream, connected=False)

    async def _read(self, stream: Stream, number: int, requests: AsyncIterator[Request]) -> None:
        async for request in requests:
            stream.node = request.node.id or stream.node
            self.streams[number] = stream
            if request.response_nonce:
                problem = request.error_detail.message or "no reason given"
                refused = request.HasField("error_detail")
                several = stream.answered(request.response_nonce, problem if refused else "")
                if several is not None:
                    self._send_alone(stream, several)
            if (kind := KIND_OF.get(request.type_url)) is not None:
                self._subscribe(stream, kind, request)
            self._update(stream)  # what was written before the stream was followed
            self._report(stream)

    def _subscribe(self, stream: Stream, kind: str, request: Request) -> None:
        """Send what is asked for the first time, but for what the gateway has already; of that,
        what is gone. A request without names is for all of its kind."""
        subscribed = set(request.resource_names_subscribe)
        first = kind not in stream.names
        if (names := stream.names.get(kind)) is not None:
            names -= set(request.resource_names_unsubscribe)
        if not first and not subscribed:
            return
        if (first and not subscribed) or "*" in subscribed:
            stream.names[kind] = None
        elif (names := stream.names.setdefault(kind, set())) is not None:
            names |= subscribed
        has = dict(request.initial_resource_versions)
        now = {c.name: c for c in self.store.changes(0, kind) if c.body is not None}
        required = now.values() if stream.names[kind] is None else map(now.get, subscribed)
        due = [c for c in required if c is not None and has.get(c.name) != c.version]
        removed = [Change(0, kind, name, "", None) for name in sorted(has.keys() - now.keys())]
        if removed:
            stream.send(kind, removed, 0)
        # what a gateway serves already must stay as it is where an item is refused
        stream.send(kind, due, 0, 1 if has else TOGETHER)

    def _send_alone(self, stream: Stream, several: Sent) -> None:
        """Send again what was refused together, each item as it is by now. They are taken away
        first, else Envoy takes the same again for done."""
        log.warning("gateway %s refuses one of %d items", stream.node, len(several.names))
        removed = [Change(0, several.kind, name, "", None) for name in several.names]
        stream.send(several.kind, removed, several.before, len(removed))
        now = {c.name: c for c in self.store.changes(0, several.kind) if c.body is not None}
        due = [now[name] for name in several.names if name in now]
        if due:
            stream.send(several.kind, due, several.before)

    def _report(self, stream: Stream, connected: bool = True) -> None:
        refused = {f"{kind} {name}": why for (kind, name), why in stream.refused.items()}
        node = Node(stream.node, connected, stream.reached if connected else 0, refused)
        if stream.node and self._reported.get(stream.node) != node:
            try:
                self.store.report(node)
                self._reported[stream.node] = node
            except sqlite3.Error:
                log.exception("the report of %s cannot be kept", stream.node)


def run(place: Path) -> None:
    """Serve the store of a gateway's folder until stopped. Raises SystemExit when another does."""
    with open(os.open(place / "control.lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"another control server serves {place}") from None
        store = Store(place)
        former.take_over(store, place)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(Control(store).serve(place / "control.sock"))
