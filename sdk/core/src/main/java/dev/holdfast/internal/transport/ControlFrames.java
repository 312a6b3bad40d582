package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.Opcode;
import java.util.ArrayDeque;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The pings and pongs that wait to go out. Of our pings only the newest waits, and few pongs do: RFC 6455 section 5.5.3
 * lets the newest answer for those before it, so a flood of pings costs no memory.
 *
 * <p>Not thread-safe: the writer's lock guards it.
 */
final class ControlFrames {
    /** A peer that sends more pings than that while we can't write gets the newest answered only. */
    private static final int MAX_PONGS = 32;

    private @Nullable ByteString ping;
    private final ArrayDeque<ByteString> pongs = new ArrayDeque<>(0);

    void ping(ByteString payload) {
        ping = payload;
    }

    void pong(ByteString payload) {
        if (pongs.size() == MAX_PONGS) pongs.clear();
        pongs.add(payload);
    }

    boolean isEmpty() {
        return ping == null && pongs.isEmpty();
    }

    /** Encodes them all, pongs first, and forgets them. Returns whether there was a ping. */
    boolean encode(FrameWriter frames) {
        for (ByteString pong; (pong = pongs.poll()) != null; ) {
            frames.writeFrame(true, Opcode.PONG, pong, 0, pong.size());
        }
        ByteString newest = ping;
        if (newest == null) return false;
        frames.writeFrame(true, Opcode.PING, newest, 0, newest.size());
        ping = null;
        return true;
    }
}
