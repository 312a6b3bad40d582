package dev.holdfast.jsonrpc;

import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A received JSON-RPC 2.0 object: a request, a notification, or a response. Immutable. */
final class IncomingMessage {
    /** The id of a response that answers none of the client's calls: the server could not read the call, or made it up. */
    static final long NO_ID = -1;

    private static final int MAX_ID = 1024;
    /** The digits of an id that the client has given. More do not fit a long. */
    private static final int MAX_DIGITS = 18;

    /** The method of a request or notification, null for a response. */
    final @Nullable String method;
    /** The JSON of the id of a request, null for a notification and a response. */
    final @Nullable String requestId;
    /** The JSON of the parameters; of a request or notification without parameters, null as JSON. */
    final String params;
    /** The id of a response. */
    final long id;
    /** The JSON of the result of a response; null if it is an error, and for a request or notification. */
    final @Nullable String result;

    final int errorCode;
    final String errorMessage;
    /** The JSON of the data of an error, null for none. */
    final @Nullable String errorData;

    private IncomingMessage(
            @Nullable String method,
            @Nullable String requestId,
            String params,
            long id,
            @Nullable String result,
            int errorCode,
            String errorMessage,
            @Nullable String errorData) {
        this.method = method;
        this.requestId = requestId;
        this.params = params;
        this.id = id;
        this.result = result;
        this.errorCode = errorCode;
        this.errorMessage = errorMessage;
        this.errorData = errorData;
    }

    boolean isResponse() {
        return method == null;
    }

    /** Parses a message: one object, or a batch of at least one. */
    static List<IncomingMessage> parse(String text) throws BadMessageException {
        if (!isBatch(text)) return Collections.singletonList(parseOne(text));
        List<IncomingMessage> messages = new ArrayList<>();
        for (String element : Json.elements(text)) messages.add(parseOne(element));
        if (messages.isEmpty()) throw new BadMessageException("empty batch");
        return Collections.unmodifiableList(messages);
    }

    static boolean isBatch(String text) {
        return Json.first(text) == '[';
    }

    private static IncomingMessage parseOne(String text) throws BadMessageException {
        Map<String, String> members = Json.members(text);
        String version = members.get("jsonrpc");
        if (version != null && !"2.0".equals(Json.string(version))) {
            throw new BadMessageException("another version than JSON-RPC 2.0");
        }
        String method = members.get("method");
        String id = members.get("id");
        if (id != null) checkId(id);
        return method == null ? response(members, id) : request(method, members.get("params"), id);
    }

    private static void checkId(String id) throws BadMessageException {
        char first = id.charAt(0);
        boolean legal = first == '"' || first == '-' || isDigit(first) || id.equals("null");
        if (!legal) throw new BadMessageException("id is neither a string nor a number");
        if (id.length() > MAX_ID) throw new BadMessageException("id of more than " + MAX_ID + " characters");
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static IncomingMessage request(String method, @Nullable String params, @Nullable String id)
            throws BadMessageException {
        String name = Json.string(method);
        if (name == null) throw new BadMessageException("method is not a string");
        String given = params == null ? "null" : params;
        char first = given.charAt(0);
        if (first != '[' && first != '{' && !given.equals("null")) {
            throw new BadMessageException("params are neither an array nor an object");
        }
        return new IncomingMessage(name, id, given, NO_ID, null, 0, "", null);
    }

    private static IncomingMessage response(Map<String, String> members, @Nullable String id)
            throws BadMessageException {
        String result = members.get("result");
        String error = members.get("error");
        boolean failed = error != null && !error.equals("null");
        if (failed && result != null && !result.equals("null")) {
            throw new BadMessageException("response with a result and an error");
        }
        long answers = id == null ? NO_ID : number(id);
        if (!failed) {
            if (result == null) throw new BadMessageException("neither a request nor a response");
            return new IncomingMessage(null, null, "null", answers, result, 0, "", null);
        }
        Map<String, String> parts = Json.members(String.valueOf(error));
        String message = parts.get("message");
        String text = message == null ? null : Json.string(message);
        return new IncomingMessage(
                null,
                null,
                "null",
                answers,
                null,
                code(parts.get("code")),
                text == null ? "" : text,
                parts.get("data"));
    }

    private static int code(@Nullable String code) throws BadMessageException {
        try {
            return Integer.parseInt(String.valueOf(code));
        } catch (NumberFormatException e) {
            throw new BadMessageException("error without a code");
        }
    }

    /** Returns an id that the client may have given. */
    private static long number(String id) {
        if (id.length() > MAX_DIGITS) return NO_ID;
        for (int i = 0; i < id.length(); i++) {
            if (!isDigit(id.charAt(i))) return NO_ID;
        }
        return Long.parseLong(id);
    }
}
