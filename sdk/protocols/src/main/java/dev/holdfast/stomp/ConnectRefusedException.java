package dev.holdfast.stomp;

import java.util.Map;

/**
 * The ERROR frame with which a server refuses CONNECT. By default no attempt follows, except one with a fresh credential if the
 * client has a {@linkplain StompBuilder#credentials provider}.
 */
public final class ConnectRefusedException extends StompErrorException {
    private static final long serialVersionUID = 1;

    /**
     * Creates a report.
     *
     * @param headers the headers of the frame
     * @param body the body of the frame as text
     */
    public ConnectRefusedException(Map<String, String> headers, String body) {
        super(headers, body);
    }
}
