package dev.holdfast.stomp;

import java.util.Map;

/**
 * The server's ERROR frame, after which a server closes the connection. It is the {@linkplain
 * dev.holdfast.ConnectionFailure#cause cause} of a connection failure. By default the client connects again. {@link
 * ConnectRefusedException} is the ERROR that answers CONNECT.
 */
public class StompErrorException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Map<String, String> headers;
    /** The body of the ERROR frame. */
    private final String body;

    /**
     * Creates a report.
     *
     * @param headers the headers of the frame
     * @param body the body of the frame as text
     */
    public StompErrorException(Map<String, String> headers, String body) {
        super(message(headers, body));
        this.headers = headers;
        this.body = body;
    }

    private static String message(Map<String, String> headers, String body) {
        String message = headers.get("message");
        if (message != null) return message;
        return body.isEmpty() ? "ERROR without a message" : body;
    }

    /** {@return the headers of the frame} */
    public Map<String, String> headers() {
        return headers;
    }

    /** {@return the body of the frame as text, empty for none} */
    public String body() {
        return body;
    }
}
