package dev.holdfast.internal.runtime;

import dev.holdfast.Frame;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.resume.Redaction;
import dev.holdfast.internal.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** Tells an application the frames of one connection, without what is in no log. */
public final class FrameTeller implements FrameObserver {
    private static final String CUT = "…";
    private static final char REPLACEMENT = '\ufffd';
    private static final int NO_CODE = 1005;

    private final HoldfastEventListener events;
    private final long connection;
    private final Ticker ticker;
    private final long openedAt;
    private final int payloadBytes;

    private FrameTeller(HoldfastEventListener events, long connection, Ticker ticker) {
        this.events = events;
        this.connection = connection;
        this.ticker = ticker;
        this.openedAt = ticker.nanos();
        this.payloadBytes = events.framePayloadBytes();
    }

    /** For a connection that is open from now on; null where nobody wants its frames. */
    public static @Nullable FrameTeller of(
            @Nullable HoldfastEventListener events, long connection, Environment environment) {
        if (events == null) return null;
        try {
            return events.wantsFrames() ? new FrameTeller(events, connection, environment.ticker) : null;
        } catch (Throwable t) {
            Uncaught.report(t);
            return null;
        }
    }

    /** The same for several listeners; null if none of them wants frames. */
    static @Nullable FrameObserver of(List<HoldfastEventListener> listeners, long connection, Environment environment) {
        if (listeners.isEmpty()) return null;
        List<FrameTeller> tellers = new ArrayList<>(listeners.size());
        for (HoldfastEventListener listener : listeners) {
            FrameTeller teller = of(listener, connection, environment);
            if (teller != null) tellers.add(teller);
        }
        if (tellers.isEmpty()) return null;
        return tellers.size() == 1 ? tellers.get(0) : new Several(tellers);
    }

    /** Shows each listener as much of a payload as it asked for. */
    private static final class Several implements FrameObserver {
        private final List<FrameTeller> tellers;
        private final int startBytes;

        Several(List<FrameTeller> tellers) {
            this.tellers = tellers;
            int max = 0;
            for (FrameTeller teller : tellers) max = Math.max(max, teller.payloadBytes);
            this.startBytes = max;
        }

        @Override
        public int startBytes() {
            return startBytes;
        }

        @Override
        public void onFrame(boolean written, boolean fin, boolean rsv1, int opcode, long length, ByteString start) {
            for (FrameTeller teller : tellers) {
                int bytes = Opcode.isControl(opcode) ? start.size() : Math.min(start.size(), teller.payloadBytes);
                teller.onFrame(written, fin, rsv1, opcode, length, start.substring(0, bytes));
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
            events.onFrame(new Told(connection, sinceOpen, written, type, fin, rsv1, length, code, payload));
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
        // Half a character at the cut.
        while (cut && !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT) {
            text = text.substring(0, text.length() - 1);
        }
        return Redaction.redact(text) + (cut ? CUT : "");
    }

    private static final class Told implements Frame {
        private final long connection;
        private final Duration sinceOpen;
        private final boolean outbound;
        private final Frame.Opcode opcode;
        private final boolean fin;
        private final boolean rsv1;
        private final long length;
        private final int closeCode;
        private final String payload;

        Told(
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
