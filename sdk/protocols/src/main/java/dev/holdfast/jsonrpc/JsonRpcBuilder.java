package dev.holdfast.jsonrpc;

import dev.holdfast.CredentialProvider;
import dev.holdfast.EndpointProvider;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.JacksonCodec;
import dev.holdfast.PayloadCodec;
import dev.holdfast.Session;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A builder of a {@link JsonRpc} client. */
public final class JsonRpcBuilder {
    private final HoldfastClientBuilder builder;
    private @Nullable String subprotocol;
    private @Nullable PayloadCodec codec;
    private @Nullable CredentialProvider credentials;
    private @Nullable EndpointProvider endpointProvider;
    private Consumer<? super HoldfastClientBuilder> configuration = client -> {};

    Duration callTimeout = Duration.ofSeconds(30);

    JsonRpcBuilder(String url) {
        builder = HoldfastClient.builder(Objects.requireNonNull(url, "url"));
    }

    /**
     * Sets the WebSocket subprotocol that the server must select. Default: none.
     *
     * @param newSubprotocol its name
     * @return this builder
     */
    public JsonRpcBuilder subprotocol(String newSubprotocol) {
        subprotocol = Objects.requireNonNull(newSubprotocol, "newSubprotocol");
        return this;
    }

    /**
     * Sets the time limit of calls that have none of their own. Default: 30 s.
     *
     * @param timeout more than zero; over a year counts as a year
     * @return this builder
     */
    public JsonRpcBuilder callTimeout(Duration timeout) {
        callTimeout = Call.checked(Objects.requireNonNull(timeout, "timeout"));
        return this;
    }

    /**
     * Sets a source of credentials, which go into the HTTP request. Default: none.
     *
     * @param provider the source
     * @return this builder
     */
    public JsonRpcBuilder credentials(CredentialProvider provider) {
        credentials = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /**
     * Sets a source of endpoints, which gives the URL and the headers of each handshake, see {@link EndpointProvider}. The client
     * adds the {@link #subprotocol}. Default: none.
     *
     * @param provider called on an I/O thread of the SDK for each attempt; must not block for long
     * @return this builder
     */
    public JsonRpcBuilder endpointProvider(EndpointProvider provider) {
        endpointProvider = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /**
     * Sets the codec of objects in parameters and results, which must write JSON. Default: {@link JacksonCodec#lenient}.
     *
     * @param newCodec the codec
     * @return this builder
     */
    public JsonRpcBuilder payloadCodec(PayloadCodec newCodec) {
        codec = Objects.requireNonNull(newCodec, "newCodec");
        return this;
    }

    /**
     * Sets anything else of the client: its backoff, heartbeat, queue, callback executor, OkHttp client, network monitor and so
     * on. The session and the callbacks that take a lambda belong to JSON-RPC.
     *
     * @param newConfiguration called once, by {@link #build}
     * @return this builder
     */
    public JsonRpcBuilder configure(Consumer<? super HoldfastClientBuilder> newConfiguration) {
        configuration = Objects.requireNonNull(newConfiguration, "newConfiguration");
        return this;
    }

    /**
     * Builds a client that does nothing before {@link JsonRpc#connect}.
     *
     * @return the client
     * @throws IllegalStateException as {@link HoldfastClientBuilder#build}
     */
    public JsonRpc build() {
        return new JsonRpc(this);
    }

    Supplier<PayloadCodec> codec() {
        PayloadCodec given = codec;
        return given != null ? () -> given : JacksonCodec::lenient;
    }

    JsonRpcProtocol protocol() {
        return new JsonRpcProtocol(subprotocol);
    }

    HoldfastClientBuilder client(JsonRpcProtocol protocol) {
        if (credentials != null) builder.credentialProvider(credentials);
        if (endpointProvider != null) builder.endpointProvider(endpointProvider);
        configuration.accept(builder);
        return builder.session(Session.speaking(() -> protocol));
    }
}
