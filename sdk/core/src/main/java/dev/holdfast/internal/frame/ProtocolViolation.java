package dev.holdfast.internal.frame;

import java.net.ProtocolException;

/** The peer violated RFC 6455. The connection fails with {@link #closeCode} (section 7.1.7). */
public final class ProtocolViolation extends ProtocolException {
    public static final int PROTOCOL_ERROR = 1002;
    public static final int INVALID_PAYLOAD = 1007;
    public static final int MESSAGE_TOO_BIG = 1009;

    private static final long serialVersionUID = 1;

    private final int closeCode;

    public ProtocolViolation(int closeCode, String message) {
        super(message);
        this.closeCode = closeCode;
    }

    /** Returns the status code for our close frame (RFC 6455 section 7.4.1). */
    public int closeCode() {
        return closeCode;
    }
}
