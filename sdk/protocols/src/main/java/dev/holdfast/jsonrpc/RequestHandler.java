package dev.holdfast.jsonrpc;

import org.jspecify.annotations.Nullable;

/** Answers requests of the server for one method. Called on the client's callback executor, one call at a time, in order. */
@FunctionalInterface
public interface RequestHandler {
    /**
     * Answers a request.
     *
     * @param params the parameters, an array, an object, or JSON null if the request has none
     * @return the result, as a parameter of a call may be; or a {@link java.util.concurrent.CompletionStage} of it, with which the
     *     answer follows later
     * @throws JsonRpcErrorException to answer with that error
     * @throws Exception to answer with {@link JsonRpcErrorException#INTERNAL_ERROR}; the exception goes to the thread's uncaught
     *     exception handler
     */
    @Nullable
    Object handle(JsonValue params) throws Exception;
}
