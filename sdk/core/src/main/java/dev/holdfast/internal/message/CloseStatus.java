package dev.holdfast.internal.message;

import dev.holdfast.internal.CheckReturnValue;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Validator;
import dev.holdfast.internal.text.Printable;
import java.io.IOException;
import okio.Buffer;
import okio.ByteString;
import okio.Utf8;

/** The status code and reason of a close frame (RFC 6455 sections 5.5.1 and 7.4). Immutable. */
@CheckReturnValue
public final class CloseStatus {
    public static final int NORMAL = 1000;
    public static final int GOING_AWAY = 1001;
    /** A close frame without a code. Never on the wire. */
    public static final int NO_STATUS = 1005;
    /** A connection that ended without a close frame. Never on the wire. */
    public static final int ABNORMAL = 1006;

    private static final int MAX_REASON = FrameWriter.MAX_CONTROL_PAYLOAD - Short.BYTES;

    private final int code;
    private final String reason;
    private final boolean ofLastWritten;

    private CloseStatus(int code, String reason) {
        this(code, reason, false);
    }

    private CloseStatus(int code, String reason, boolean ofLastWritten) {
        this.code = code;
        this.reason = reason;
        this.ofLastWritten = ofLastWritten;
    }

    /**
     * Returns a status for a close frame of our own.
     *
     * @throws IllegalArgumentException if the code must not be sent, or the reason has over 123 bytes in UTF-8
     */
    public static CloseStatus of(int code, String reason) {
        if (!isLegalOnWire(code)) throw new IllegalArgumentException("close code " + code + " must not be sent");
        if (!fits(reason)) {
            throw new IllegalArgumentException("close reason has " + Utf8.size(reason) + " bytes, at most 123 fit");
        }
        return new CloseStatus(code, reason);
    }

    /** Returns the status for a message that was refused for its size on its way: the one that was written last. */
    public static CloseStatus refused(String reason) {
        return new CloseStatus(ProtocolViolation.MESSAGE_TOO_BIG, reason, true);
    }

    /** Returns whether a close frame has room for a reason. */
    public static boolean fits(String reason) {
        return Utf8.size(reason) <= MAX_REASON;
    }

    /** Returns the status of a connection that ended without a close frame. */
    public static CloseStatus abnormal() {
        return new CloseStatus(ABNORMAL, "");
    }

    /**
     * Reads all of a close frame's payload.
     *
     * @throws ProtocolViolation if the code or the reason is not legal
     */
    static CloseStatus parse(Buffer payload) throws IOException {
        if (payload.exhausted()) return new CloseStatus(NO_STATUS, "");
        if (payload.size() == 1) {
            throw new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, "close frame with half a status code");
        }
        int code = payload.readShort() & 0xffff;
        if (!isLegalOnWire(code)) {
            throw new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, "close code " + code + " must not be sent");
        }
        Utf8Validator utf8 = new Utf8Validator();
        if (!utf8.check(payload, 0) || !utf8.isComplete()) {
            throw new ProtocolViolation(ProtocolViolation.INVALID_PAYLOAD, "close reason is not UTF-8");
        }
        return new CloseStatus(code, payload.readUtf8());
    }

    /** Returns the payload of a close frame with this status, empty for {@link #NO_STATUS}. */
    public ByteString encode() {
        if (code == NO_STATUS) return ByteString.EMPTY;
        return new Buffer().writeShort(code).writeUtf8(reason).readByteString();
    }

    public int code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    /** Returns whether the message that was written last is known to be the reason. */
    public boolean isOfLastWritten() {
        return ofLastWritten;
    }

    /** Returns whether a received close frame can have this code: one that is legal on the wire, or {@link #NO_STATUS}. */
    public static boolean canBeReceived(int code) {
        return code == NO_STATUS || isLegalOnWire(code);
    }

    /** The codes of RFC 6455 section 7.4.1, those registered since (1012 to 1014), and those of libraries and applications. */
    static boolean isLegalOnWire(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }

    @Override
    public String toString() {
        return reason.isEmpty() ? Integer.toString(code) : code + " " + Printable.value(reason);
    }
}
