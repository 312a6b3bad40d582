package dev.holdfast.graphql;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.CredentialProvider;
import dev.holdfast.EndpointProvider;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.JacksonCodec;
import dev.holdfast.PayloadCodec;
import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.Session;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** A builder of a {@link GraphQl} client. */
public final class GraphQlBuilder {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpUrl url;
    private @Nullable Supplier<?> initPayload;
    private @Nullable CredentialProvider credentials;
    private @Nullable EndpointProvider endpointProvider;
    private Function<? super String, ? extends Map<String, ?>> credentialPayload =
            token -> Collections.singletonMap("Authorization", "Bearer " + token);
    private @Nullable PayloadCodec codec;
    private Consumer<? super HoldfastClientBuilder> configuration = builder -> {};

    Duration timeout = TIMEOUT;
    Consumer<? super ConnectionAck> onConnect = ack -> {};
    Consumer<? super ConnectionFailure> onConnectionFailure = failure -> {};
    Consumer<? super ClientState> onState = state -> {};

    GraphQlBuilder(String text) {
        url = HttpUrl.get(Objects.requireNonNull(text, "text").replaceFirst("^ws(s?):", "http$1:"));
    }

    /**
     * Sets the payload of {@code connection_init}. Default: none.
     *
     * @param newPayload called for each connection, on an SDK thread: it must return at once. It gives a map, or an object that
     *     the codec writes as a JSON object; null for nothing
     * @return this builder
     */
    public GraphQlBuilder initPayload(Supplier<?> newPayload) {
        initPayload = Objects.requireNonNull(newPayload, "newPayload");
        return this;
    }

    /**
     * Sets a source of credentials, which may take its time. {@link dev.holdfast.Credential#inOpen} puts a token into the payload
     * of {@code connection_init}, see {@link #credentialPayload}; the other kinds go into the HTTP request. If the server closes
     * with 4401 or 4403, the provider is asked for a fresh credential once. Default: none.
     *
     * @param provider the source
     * @return this builder
     */
    public GraphQlBuilder credentials(CredentialProvider provider) {
        credentials = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /**
     * Sets a source of endpoints, which gives the URL and the headers of each handshake, see {@link EndpointProvider}. The client
     * adds the subprotocol. If the server closes with 4401 or 4403, the provider is asked once with {@link
     * EndpointProvider.Reason#REFUSED}. Default: none.
     *
     * @param provider called on an I/O thread of the SDK for each attempt; must not block for long
     * @return this builder
     */
    public GraphQlBuilder endpointProvider(EndpointProvider provider) {
        endpointProvider = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /**
     * Sets how a token of {@link dev.holdfast.Credential#inOpen} stands in the payload of {@code connection_init}. Default: {@code
     * "Authorization": "Bearer TOKEN"}.
     *
     * @param newPayload makes members of the payload from the token, on an SDK thread: it must return at once
     * @return this builder
     */
    public GraphQlBuilder credentialPayload(Function<? super String, ? extends Map<String, ?>> newPayload) {
        credentialPayload = Objects.requireNonNull(newPayload, "newPayload");
        return this;
    }

    /**
     * Sets the time limit of queries and mutations: how long one may wait in the queue, and then for its result. {@link
     * Operation#withTimeout} sets it for one. Default: 30 s.
     *
     * @param newTimeout more than zero; over a year counts as a year
     * @return this builder
     * @throws IllegalArgumentException if it is not positive
     */
    public GraphQlBuilder timeout(Duration newTimeout) {
        timeout = Operation.checked(newTimeout);
        return this;
    }

    /**
     * Sets the codec of variables and results, which must write JSON. Default: {@link JacksonCodec#lenient}.
     *
     * @param newCodec the codec
     * @return this builder
     */
    public GraphQlBuilder payloadCodec(PayloadCodec newCodec) {
        codec = Objects.requireNonNull(newCodec, "newCodec");
        return this;
    }

    /**
     * Sets a listener of connections. It is called when the server has acknowledged one, after {@link SubscriptionListener#onGap}
     * and before the results of that connection. Default: none.
     *
     * @param listener called with the server's acknowledgement
     * @return this builder
     */
    public GraphQlBuilder onConnect(Consumer<? super ConnectionAck> listener) {
        onConnect = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Sets a listener of attempts that failed and of connections that were lost. {@link ConnectionFailure#willRetry} says whether
     * another attempt follows. Default: none.
     *
     * @param listener called with the failure
     * @return this builder
     */
    public GraphQlBuilder onConnectionFailure(Consumer<? super ConnectionFailure> listener) {
        onConnectionFailure = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Sets a listener of the client's state. Default: none.
     *
     * @param listener called with each new state
     * @return this builder
     */
    public GraphQlBuilder onState(Consumer<? super ClientState> listener) {
        onState = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Sets anything else of the client: its backoff, heartbeat, queue, callback executor, OkHttp client, network monitor and so on.
     * The session, the endpoint and the callbacks that take a lambda belong to GraphQL. The time limit of {@code connection_ack}
     * is {@link HoldfastClientBuilder#connectTimeout}. A reconnect policy set here replaces the one of the close codes of this
     * protocol, which {@link #reconnectPolicy} returns.
     *
     * @param newConfiguration called once, by {@link #build}
     * @return this builder
     */
    public GraphQlBuilder configure(Consumer<? super HoldfastClientBuilder> newConfiguration) {
        configuration = Objects.requireNonNull(newConfiguration, "newConfiguration");
        return this;
    }

    /**
     * {@return the default reconnect policy: the standard one, with the close codes of this protocol} {@code docs/protocols.md}
     * lists them. Change it and set it in {@link #configure}.
     *
     * @param hasCredentials whether there is a credential provider or an endpoint provider, which is asked again after 4403
     */
    public static ReconnectPolicy reconnectPolicy(boolean hasCredentials) {
        return ReconnectPolicy.standard()
                .withCloseReaction(4004, Reaction.stop("the server could not read a response"))
                .withCloseReaction(4005, Reaction.stop("internal client error"))
                .withCloseReaction(4400, Reaction.stop("the server could not read a message"))
                .withCloseReaction(4401, Reaction.refreshCredentials())
                .withCloseReaction(
                        4403,
                        hasCredentials
                                ? Reaction.refreshCredentials()
                                : Reaction.stop("the server refused the connection"))
                .withCloseReaction(4406, Reaction.stop("the server does not speak graphql-transport-ws"))
                .withCloseReaction(4409, Reaction.stop("the server says that an operation's id is in use"))
                .withCloseReaction(4429, Reaction.stop("the server says that connection_init came twice"));
    }

    /**
     * Builds a client that does nothing before {@link GraphQl#connect}.
     *
     * @return the client
     * @throws IllegalStateException as {@link HoldfastClientBuilder#build}
     */
    public GraphQl build() {
        return new GraphQl(this);
    }

    GraphQlProtocol protocol() {
        PayloadCodec given = codec;
        Supplier<PayloadCodec> used = given != null ? () -> given : JacksonCodec::lenient;
        return new GraphQlProtocol(used, initPayload, credentialPayload);
    }

    HoldfastClientBuilder client(GraphQlProtocol protocol) {
        HoldfastClientBuilder builder =
                HoldfastClient.builder(new Request.Builder().url(url).build());
        builder.reconnectPolicy(reconnectPolicy(credentials != null || endpointProvider != null));
        if (credentials != null) builder.credentialProvider(credentials);
        if (endpointProvider != null) builder.endpointProvider(endpointProvider);
        configuration.accept(builder);
        return builder.session(Session.speaking(() -> protocol));
    }
}
