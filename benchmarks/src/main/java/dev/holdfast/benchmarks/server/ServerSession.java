package dev.holdfast.benchmarks.server;

/**
 * What outlives a connection. The messages to the client are all alike but for their ids, which count up, so a replay
 * needs no log but their number.
 */
final class ServerSession {
    final String sid;

    // Written by one connection, and by the next when that has gone.
    volatile long handled;
    volatile long appended;

    ServerSession(String sid) {
        this.sid = sid;
    }
}
