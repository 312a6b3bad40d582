package dev.holdfast.benchmarks.server;

/**
 * The part of a session that outlives a connection. All messages to the client are equal except for their ids, which
 * count up. A replay therefore needs only their number, not a log.
 */
final class ServerSession {
    final String sid;

    // Written by one connection, and by the next one after that has gone.
    volatile long handled;
    volatile long appended;

    ServerSession(String sid) {
        this.sid = sid;
    }
}
