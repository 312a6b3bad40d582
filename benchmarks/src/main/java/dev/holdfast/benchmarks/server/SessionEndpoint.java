package dev.holdfast.benchmarks.server;

import dev.holdfast.benchmarks.wire.BlockOutput;
import dev.holdfast.benchmarks.wire.FrameInput;
import dev.holdfast.benchmarks.wire.Frames;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.benchmarks.wire.Work;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that speaks {@code resume.v1.json} to a well-behaved client. One letter distinguishes envelopes, seqs are
 * counted rather than read, and keys are not checked.
 */
final class SessionEndpoint implements Endpoint {
    private static final Pattern SID = Pattern.compile("\"sid\":\"([^\"]*)\"");
    private static final Pattern LAST = Pattern.compile("\"last\":\"([^\"]*)\"");

    /** The index of the type's first letter in <code>{"t":"msg"</code>. */
    private static final int TYPE_AT = 6;

    private static final int ACK_EVERY = 64;
    private static final int ID_DIGITS = 12;

    private final Work work;
    private final Sessions sessions;
    private final BlockOutput out;
    /** A message to the client; each send overwrites its id. */
    private final byte[] message;

    private final int idAt;

    private @Nullable ServerSession session;
    /** The session's numbers while this connection has the session. */
    private long handled;

    private long appended;
    private long acknowledged;

    SessionEndpoint(Work work, Sessions sessions, BlockOutput out) {
        this.work = work;
        this.sessions = sessions;
        this.out = out;
        String start = "{\"t\":\"msg\",\"id\":\"";
        String id = "0".repeat(ID_DIGITS);
        String json = start + id + "\",\"d\":" + Payloads.text(work.bytes()) + "}";
        this.message = Frames.unmasked(Frames.TEXT, json.getBytes(StandardCharsets.US_ASCII));
        this.idAt = message.length - json.length() + start.length();
    }

    @Override
    public boolean onMessage(FrameInput frame) throws IOException {
        switch (frame.payloadAt(TYPE_AT)) {
            case 'o' -> open(frame.text());
            case 'm' -> {
                return onApplicationMessage();
            }
            case 'b' -> {
                if (session != null) sessions.end(session);
            }
            default -> {
                // An acknowledgement. There is no log to trim.
            }
        }
        return true;
    }

    private void open(String open) throws IOException {
        Matcher sid = SID.matcher(open);
        boolean resumed = sid.find();
        ServerSession opened = resumed ? sessions.get(sid.group(1)) : sessions.create();
        session = opened;
        handled = opened.handled;
        acknowledged = handled;
        long total = opened.appended;
        Matcher last = LAST.matcher(open);
        appended = resumed && last.find() ? Long.parseLong(last.group(1)) : 0;
        write("{\"t\":\"welcome\",\"sid\":\"" + opened.sid + "\",\"key\":\"k\",\"resumed\":" + resumed
                + (resumed ? "" : ",\"reason\":\"new\"") + ",\"last\":\"" + id(appended) + "\",\"c\":" + handled
                + ",\"ttl\":60000}");
        append(total - appended);
        write("{\"t\":\"live\"}");
    }

    private boolean onApplicationMessage() throws IOException {
        handled++;
        if (handled - acknowledged >= ACK_EVERY) acknowledge();
        switch (work.kind()) {
            case SINK -> {
                if (handled % work.count() == 0) append(1);
            }
            case SOURCE -> append(work.count());
            case SLOW_SINK -> {}
            case ECHO -> append(1);
            case CUT -> {
                appended += work.count();
                save();
                return false;
            }
        }
        return true;
    }

    @Override
    public void onDrained() throws IOException {
        if (handled > acknowledged) acknowledge();
        save();
    }

    private void save() {
        ServerSession saved = session;
        if (saved == null) return;
        saved.handled = handled;
        saved.appended = appended;
    }

    private void acknowledge() throws IOException {
        acknowledged = handled;
        write("{\"t\":\"ack\",\"c\":" + handled + "}");
    }

    private void append(long count) throws IOException {
        if (count == 0) return;
        System.arraycopy(id(appended).getBytes(StandardCharsets.US_ASCII), 0, message, idAt, ID_DIGITS);
        for (long left = count; left > 0; left--) {
            int digit = idAt + ID_DIGITS - 1;
            for (; message[digit] == '9'; digit--) message[digit] = '0';
            message[digit]++;
            out.write(message);
        }
        appended += count;
    }

    private static String id(long number) {
        return String.format("%0" + ID_DIGITS + "d", number);
    }

    private void write(String envelope) throws IOException {
        out.write(Frames.unmasked(Frames.TEXT, envelope.getBytes(StandardCharsets.US_ASCII)));
    }
}
