package dev.holdfast.jsonrpc;

import dev.holdfast.internal.protocols.Json;
import dev.holdfast.internal.protocols.Listeners;
import dev.holdfast.internal.session.Packet;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The requests of the server and their answers. */
final class Requests {
    private final JsonRpc rpc;
    private final JsonRpcProtocol protocol;
    private final Map<String, RequestHandler> handlers = new ConcurrentHashMap<>();

    Requests(JsonRpc rpc, JsonRpcProtocol protocol) {
        this.rpc = rpc;
        this.protocol = protocol;
    }

    void handle(String method, RequestHandler handler) {
        handlers.put(Objects.requireNonNull(method, "method"), Objects.requireNonNull(handler, "handler"));
    }

    /** The answers to the requests that came in one message, which go out in one message. Safe from any thread. */
    final class Reply {
        private final boolean batch;
        private final long connection;
        private final Queue<String> texts = new ConcurrentLinkedQueue<>();
        private final AtomicInteger missing = new AtomicInteger();

        private Reply(Received received) {
            batch = received.batch;
            connection = received.connection;
            for (IncomingMessage message : received.messages) {
                if (message.requestId != null) missing.incrementAndGet();
            }
        }

        /** Adds an answer. Sends all if it is the last. */
        private void add(String text) {
            texts.add(text);
            if (missing.decrementAndGet() > 0) return;
            String all = batch ? '[' + String.join(",", texts) + ']' : text;
            Packet packet = Packet.of(all, Collections.emptyList(), null);
            rpc.reply(packet.validWhile(() -> protocol.isCurrent(connection)), "the answer to a request");
        }
    }

    Reply reply(Received received) {
        return new Reply(received);
    }

    /** Answers a request. */
    @SuppressWarnings("FutureReturnValueIgnored") // Nothing follows the answer.
    void received(IncomingMessage request, Reply reply) {
        RequestHandler handler = handlers.get(String.valueOf(request.method));
        String id = String.valueOf(request.requestId);
        if (handler == null) {
            reply.add(error(id, JsonRpcErrorException.METHOD_NOT_FOUND, "Method not found", null));
            return;
        }
        Object result;
        try {
            result = handler.handle(rpc.value(request.params));
        } catch (Throwable t) {
            reply.add(failed(id, t));
            return;
        }
        if (result instanceof CompletionStage) {
            ((CompletionStage<?>) result)
                    .whenComplete(
                            (value, failure) -> reply.add(failure == null ? result(id, value) : failed(id, failure)));
        } else {
            reply.add(result(id, result));
        }
    }

    private String result(String id, @Nullable Object value) {
        try {
            return head(id) + ",\"result\":" + rpc.json(value) + '}';
        } catch (RuntimeException e) {
            return failed(id, e);
        }
    }

    private String failed(String id, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof JsonRpcErrorException) {
            JsonRpcErrorException error = (JsonRpcErrorException) cause;
            try {
                return error(id, error.code(), error.errorMessage(), error.data());
            } catch (RuntimeException e) {
                cause = e;
            }
        }
        Listeners.report(cause);
        return error(id, JsonRpcErrorException.INTERNAL_ERROR, "Internal error", null);
    }

    private String error(String id, int code, String message, @Nullable Object data) {
        String rest = data == null ? "" : ",\"data\":" + rpc.json(data);
        return head(id) + ",\"error\":{\"code\":" + code + ",\"message\":" + Json.quoted(message) + rest + "}}";
    }

    private static String head(String id) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id;
    }
}
