package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * An event listener that writes one line for each WebSocket frame to a stream, a file or a function. {@link
 * HoldfastClientBuilder#addEventListener} adds it to a client: {@code addEventListener(FrameLog.to(System.err))} prints
 *
 * <pre>
 *   0.000000 #1 -&gt; TEXT         F-M     12
 *   0.021336 #1 &lt;- TEXT         FR-   2048
 *   5.000172 #1 &lt;- CLOSE        F--      2 1001
 * </pre>
 *
 * A line has the seconds since the connection was open, the connection's number, the direction, the opcode, the flags FIN,
 * RSV1 and MASK, the payload's bytes on the wire, and the code of a close frame. It has no payload unless {@link
 * #withPayloadBytes} is set.
 *
 * <p>The threads that read and write the connection write the lines at once, one line at a time. The target must not block.
 * Immutable; safe from any thread.
 */
public final class FrameLog implements HoldfastEventListener {
    private final Consumer<String> lines;
    private final int payloadBytes;
    private final ReentrantLock lock;

    private FrameLog(Consumer<String> lines, int payloadBytes, ReentrantLock lock) {
        this.lines = lines;
        this.payloadBytes = payloadBytes;
        this.lock = lock;
    }

    /**
     * {@return a log that gives each line to a function, without a line end}
     *
     * @param lines called with each line, on SDK threads; must not block
     */
    public static FrameLog to(Consumer<String> lines) {
        return new FrameLog(Objects.requireNonNull(lines, "lines"), 0, new ReentrantLock());
    }

    /**
     * {@return a log that appends each line to {@code out}, such as {@link System#err}, with a line feed}
     *
     * @param out where the lines go; written on SDK threads
     */
    public static FrameLog to(Appendable out) {
        Objects.requireNonNull(out, "out");
        return to((String line) -> {
            try {
                out.append(line).append('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /**
     * {@return a log that also shows the start of each message, see {@link Frame#payload}} Payloads can hold personal
     * data and secrets. Default: 0, which shows none.
     *
     * @param bytes how many bytes of a message to show at most
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    @CheckReturnValue
    public FrameLog withPayloadBytes(int bytes) {
        if (bytes < 0) throw new IllegalArgumentException("bytes must not be negative, but was " + bytes);
        return new FrameLog(lines, bytes, lock);
    }

    @Override
    public boolean wantsFrames() {
        return true;
    }

    @Override
    public int framePayloadBytes() {
        return payloadBytes;
    }

    @Override
    public void onFrame(Frame frame) {
        String line = line(Objects.requireNonNull(frame, "frame"));
        lock.lock();
        try {
            lines.accept(line);
        } finally {
            lock.unlock();
        }
    }

    private static String line(Frame frame) {
        long micros = TimeUnit.NANOSECONDS.toMicros(frame.sinceOpen().toNanos());
        String line = String.format(
                Locale.ROOT,
                "%4d.%06d #%d %s %-12s %c%c%c %6d",
                micros / 1_000_000,
                micros % 1_000_000,
                frame.connection(),
                frame.isOutbound() ? "->" : "<-",
                frame.opcode().name(),
                frame.fin() ? 'F' : '-',
                frame.rsv1() ? 'R' : '-',
                frame.masked() ? 'M' : '-',
                frame.length());
        if (frame.closeCode() != 0) return line + " " + frame.closeCode();
        return frame.payload().isEmpty() ? line : line + " " + frame.payload();
    }
}
