"""Python's websockets as a server of InteropContract. Arguments: the port, and "deflate" or "none"."""

import asyncio
import sys

import websockets

watchers = set()


async def serve(peer):
    try:
        async for message in peer:
            if isinstance(message, bytes):
                await peer.send(message)
            else:
                await obey(peer, message)
    except websockets.ConnectionClosed:
        pass
    watchers.discard(peer)
    close = peer.close_rcvd
    if close is not None:
        websockets.broadcast(watchers, f"#closed {peer.path} {int(close.code)} {close.reason}")


async def obey(peer, text):
    command, _, argument = text.partition(" ")
    if command == "#close":
        await peer.close(int(argument[:4]), argument[5:])
    elif command == "#ping":
        await (await peer.ping(argument))
        await peer.send("#pong " + argument)
    elif command == "#fragments":
        await peer.send(argument.split("|"))
    elif command == "#die":
        peer.transport.abort()
    elif command == "#watch":
        watchers.add(peer)
        await peer.send("#watching")
    else:
        await peer.send(text)


async def main():
    compression = None if sys.argv[2] == "none" else sys.argv[2]
    async with websockets.serve(
        serve,
        "127.0.0.1",
        int(sys.argv[1]),
        compression=compression,
        subprotocols=["interop.v2"],
        max_size=None,
    ):
        await asyncio.Future()


asyncio.run(main())
