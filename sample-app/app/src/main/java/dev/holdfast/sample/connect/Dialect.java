package dev.holdfast.sample.connect;

import dev.holdfast.HoldfastClientBuilder;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import okhttp3.Request;

/** A protocol above WebSocket in which a person can talk to a server, a line at a time. */
public enum Dialect {
    SOCKET_IO("socketio", "EVENT ARGUMENTS, as in: chat \"hello\"") {
        @Override
        public Speaker speaker(
                Request request,
                Map<String, String> connectHeaders,
                Consumer<HoldfastClientBuilder> settings,
                Consumer<String> received) {
            return new SocketIoSpeaker(request, settings, received);
        }
    },
    STOMP("stomp", "subscribe DESTINATION, or send DESTINATION BODY") {
        @Override
        public Speaker speaker(
                Request request,
                Map<String, String> connectHeaders,
                Consumer<HoldfastClientBuilder> settings,
                Consumer<String> received) {
            return new StompSpeaker(request, connectHeaders, settings, received);
        }
    },
    GRAPHQL("graphql", "A query, a mutation or a subscription") {
        @Override
        public Speaker speaker(
                Request request,
                Map<String, String> connectHeaders,
                Consumer<HoldfastClientBuilder> settings,
                Consumer<String> received) {
            return new GraphQlSpeaker(request, settings, received);
        }
    },
    JSON_RPC("jsonrpc", "call METHOD PARAMS, notify METHOD PARAMS, or on METHOD") {
        @Override
        public Speaker speaker(
                Request request,
                Map<String, String> connectHeaders,
                Consumer<HoldfastClientBuilder> settings,
                Consumer<String> received) {
            return new JsonRpcSpeaker(request, settings, received);
        }
    };

    private final String option;
    private final String hint;

    Dialect(String option, String hint) {
        this.option = option;
        this.hint = hint;
    }

    /**
     * Returns a client that speaks this dialect. It does nothing before {@link Speaker#connect}.
     *
     * @param request the URL. Its headers are sent if {@link SentHeaders} is an interceptor of the client that the settings set
     * @param connectHeaders more headers of CONNECT, for {@link #STOMP}
     * @param settings sets the listener and everything else that is not the dialect's own
     * @param received receives each line that the server says, on the client's callback executor
     */
    public abstract Speaker speaker(
            Request request,
            Map<String, String> connectHeaders,
            Consumer<HoldfastClientBuilder> settings,
            Consumer<String> received);

    /** Returns what a line looks like. */
    public String hint() {
        return hint;
    }

    /**
     * Returns the dialect with a name on the command line.
     *
     * @throws IllegalArgumentException if there is none; its message is a sentence for the user
     */
    static Dialect of(String option) {
        return Arrays.stream(values())
                .filter(dialect -> dialect.option.equals(option))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("--protocol must be one of " + names() + ", but was " + option));
    }

    private static String names() {
        return Arrays.stream(values()).map(dialect -> dialect.option).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return option;
    }
}
