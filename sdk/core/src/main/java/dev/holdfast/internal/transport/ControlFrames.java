package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.Opcode;
import java.util.ArrayDeque;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The pings and pongs that wait to go out: at most one ping, the newest, and at most {@link #MAX_PONGS} pongs. A pong may
 * answer previous pings as well (RFC 6455 section 5.5.3), so a flood of pings costs no memory.
 *
 * <p>Not thread-safe: guarded by the lock of {@link OutgoingQueue}. Those that were taken belong to the writer.
 */
final class ControlFrames {
    /** If the peer sends more pings than this while we can't write, only the newest are answered. */
    private static final int MAX_PONGS = 32;

    private @Nullable ByteString ping;
    /** Made for the first pong: most peers of an idle connection send no pings. */
    private @Nullable ArrayDeque<ByteString> pongs;

    void ping(ByteString payload) {
        ping = payload;
    }

    void pong(ByteString payload) {
        ArrayDeque<ByteString> waiting = pongs;
        if (waiting == null) {
            waiting = new ArrayDeque<>(1);
            pongs = waiting;
        }
        if (waiting.size() == MAX_PONGS) waiting.clear();
        waiting.add(payload);
    }

    boolean isEmpty() {
        return ping == null && (pongs == null || pongs.isEmpty());
    }

    /** Encodes and removes all of them, pongs first. Returns whether there was a ping. */
    boolean encode(FrameWriter frames) {
        for (ByteString pong; pongs != null && (pong = pongs.poll()) != null; ) {
            frames.writeFrame(true, Opcode.PONG, pong, 0, pong.size());
        }
        ByteString newest = ping;
        if (newest == null) return false;
        frames.writeFrame(true, Opcode.PING, newest, 0, newest.size());
        ping = null;
        return true;
    }
}
