package dev.holdfast.jsonrpc;

import org.jspecify.annotations.Nullable;

/**
 * An error object of JSON-RPC. As the failure of a call it is the server's answer: the server has dealt with the call. A {@link
 * RequestHandler} throws it to answer a request of the server with an error.
 */
public final class JsonRpcErrorException extends RuntimeException {
    /** The text is not JSON. */
    public static final int PARSE_ERROR = -32700;
    /** The JSON is not a request. */
    public static final int INVALID_REQUEST = -32600;
    /** There is no such method. */
    public static final int METHOD_NOT_FOUND = -32601;
    /** The parameters are not those of the method. */
    public static final int INVALID_PARAMS = -32602;
    /** The method failed in a way that it has no code for. */
    public static final int INTERNAL_ERROR = -32603;

    private static final long serialVersionUID = 1;

    /** The number of the error, section 5.1. */
    private final int code;
    /** The error's own message, without the code. */
    private final String errorMessage;

    private final transient @Nullable Object data;

    /**
     * Creates an error.
     *
     * @param code the code; the specification reserves -32768 to -32000
     * @param errorMessage a short sentence
     * @param data what the error adds, a {@link JsonValue} if it came from the server; null for nothing
     */
    public JsonRpcErrorException(int code, String errorMessage, @Nullable Object data) {
        super("error " + code + ": " + errorMessage);
        this.code = code;
        this.errorMessage = errorMessage;
        this.data = data;
    }

    /** {@return the code} */
    public int code() {
        return code;
    }

    /** {@return the message of the error object} Unlike {@link #getMessage} it does not have the code. */
    public String errorMessage() {
        return errorMessage;
    }

    /** {@return the data, a {@link JsonValue} if the error came from the server; null for none} */
    public @Nullable Object data() {
        return data;
    }
}
