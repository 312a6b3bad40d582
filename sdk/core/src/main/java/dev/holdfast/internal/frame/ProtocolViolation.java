package dev.holdfast.internal.frame;

import java.net.ProtocolException;

/** What the peer sent is not RFC 6455. The connection is failed with {@link #closeCode()}, section 7.1.7. */
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

    /** The status code for the close frame that answers it, section 7.4.1. */
    public int closeCode() {
        return closeCode;
    }
}
