package dev.holdfast.internal.runtime;

import dev.holdfast.Frame;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.resume.Redaction;
import dev.holdfast.internal.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** Reports the frames of one connection to an application, without secrets. */
public final class FrameReporter implements FrameObserver {
    private static final String CUT = "…";
    private static final char REPLACEMENT = '\ufffd';
    private static final int NO_CODE = 1005;

    private final Consumer<Frame> listener;
    private final long connection;
    private final Ticker ticker;
    private final long openedAt;
    private final int payloadBytes;

    private FrameReporter(Consumer<Frame> listener, int payloadBytes, long connection, Ticker ticker) {
        this.listener = listener;
        this.payloadBytes = payloadBytes;
        this.connection = connection;
        this.ticker = ticker;
        this.openedAt = ticker.nanos();
    }

    /**
     * Returns a reporter for a connection that opens now, or null if the listener does not want its frames. What the listener
     * throws is reported as uncaught.
     *
     * @param wanted returns whether the listener wants frames
     * @param payloadBytes returns how many bytes of each message it wants to see
     * @param listener is called on I/O threads
     */
    public static @Nullable FrameReporter of(
            BooleanSupplier wanted,
            IntSupplier payloadBytes,
            Consumer<Frame> listener,
            long connection,
            Environment environment) {
        try {
            return wanted.getAsBoolean()
                    ? new FrameReporter(listener, payloadBytes.getAsInt(), connection, environment.ticker)
                    : null;
        } catch (Throwable t) {
            Uncaught.report(t);
            return null;
        }
    }

    /** Returns several reporters as one observer, or null if there are none. */
    public static @Nullable FrameObserver join(List<FrameReporter> reporters) {
        if (reporters.isEmpty()) return null;
        return reporters.size() == 1 ? reporters.get(0) : new Several(new ArrayList<>(reporters));
    }

    /** Shows each listener as much of a payload as it asked for. */
    private static final class Several implements FrameObserver {
        private final List<FrameReporter> reporters;
        private final int startBytes;

        Several(List<FrameReporter> reporters) {
            this.reporters = reporters;
            int max = 0;
            for (FrameReporter reporter : reporters) max = Math.max(max, reporter.payloadBytes);
            this.startBytes = max;
        }

        @Override
        public int startBytes() {
            return startBytes;
        }

        @Override
        public void onFrame(boolean written, boolean fin, boolean rsv1, int opcode, long length, ByteString start) {
            for (FrameReporter reporter : reporters) {
                int bytes = Opcode.isControl(opcode) ? start.size() : Math.min(start.size(), reporter.payloadBytes);
                reporter.onFrame(written, fin, rsv1, opcode, length, start.substring(0, bytes));
            }
        }
    }

    @Override
    public int startBytes() {
        return payloadBytes;
    }

    @Override
    public void onFrame(boolean written, boolean fin, boolean rsv1, int opcode, long length, ByteString start) {
        try {
            Duration sinceOpen = Duration.ofNanos(ticker.nanos() - openedAt);
            int code = opcode == Opcode.CLOSE ? closeCode(start) : 0;
            boolean cut = !fin || (rsv1 ? start.size() == payloadBytes : start.size() < length);
            String payload = Opcode.isControl(opcode) || start.size() == 0 ? "" : payload(opcode, start, cut);
            Frame.Opcode type = Frame.Opcode.of(opcode);
            listener.accept(new Observed(connection, sinceOpen, written, type, fin, rsv1, length, code, payload));
        } catch (Throwable t) {
            Uncaught.report(t);
        }
    }

    private static int closeCode(ByteString payload) {
        return payload.size() < 2 ? NO_CODE : ((payload.getByte(0) & 0xff) << 8) | (payload.getByte(1) & 0xff);
    }

    private static String payload(int opcode, ByteString start, boolean cut) {
        if (opcode != Opcode.TEXT) return start.hex() + (cut ? CUT : "");
        String text = start.utf8();
        // The cut may have left half a character.
        while (cut && !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT) {
            text = text.substring(0, text.length() - 1);
        }
        return Redaction.redact(text) + (cut ? CUT : "");
    }

    private static final class Observed implements Frame {
        private final long connection;
        private final Duration sinceOpen;
        private final boolean outbound;
        private final Frame.Opcode opcode;
        private final boolean fin;
        private final boolean rsv1;
        private final long length;
        private final int closeCode;
        private final String payload;

        Observed(
                long connection,
                Duration sinceOpen,
                boolean outbound,
                Frame.Opcode opcode,
                boolean fin,
                boolean rsv1,
                long length,
                int closeCode,
                String payload) {
            this.connection = connection;
            this.sinceOpen = sinceOpen;
            this.outbound = outbound;
            this.opcode = opcode;
            this.fin = fin;
            this.rsv1 = rsv1;
            this.length = length;
            this.closeCode = closeCode;
            this.payload = payload;
        }

        @Override
        public long connection() {
            return connection;
        }

        @Override
        public Duration sinceOpen() {
            return sinceOpen;
        }

        @Override
        public boolean isOutbound() {
            return outbound;
        }

        @Override
        public Frame.Opcode opcode() {
            return opcode;
        }

        @Override
        public boolean fin() {
            return fin;
        }

        @Override
        public boolean rsv1() {
            return rsv1;
        }

        @Override
        public boolean masked() {
            return outbound;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int closeCode() {
            return closeCode;
        }

        @Override
        public String payload() {
            return payload;
        }
    }
}
