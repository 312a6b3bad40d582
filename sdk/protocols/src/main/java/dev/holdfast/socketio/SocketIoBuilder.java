package dev.holdfast.socketio;

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
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** A builder of a {@link SocketIo} client. */
public final class SocketIoBuilder {
    private static final int MAX_ATTACHMENTS = 64;
    private static final long MAX_EVENT_BYTES = 16 * 1024 * 1024;

    private final HttpUrl url;
    private String namespace;
    private String path = "/socket.io/";
    private int maxAttachments = MAX_ATTACHMENTS;
    private long maxEventBytes = MAX_EVENT_BYTES;
    private @Nullable Supplier<?> auth;
    private @Nullable PayloadCodec codec;
    private @Nullable CredentialProvider credentials;
    private @Nullable EndpointProvider endpointProvider;
    private Consumer<? super HoldfastClientBuilder> configuration = builder -> {};

    long ackTimeoutNanos;
    int retries;

    SocketIoBuilder(String text) {
        String http = Objects.requireNonNull(text, "text").replaceFirst("^ws(s?):", "http$1:");
        url = HttpUrl.get(http);
        namespace = url.encodedPath();
    }

    /**
     * Sets the path under which the server serves Socket.IO. Default: {@code /socket.io/}.
     *
     * @param newPath the path, with a slash at its start
     * @return this builder
     */
    public SocketIoBuilder path(String newPath) {
        if (!newPath.startsWith("/")) throw new IllegalArgumentException("path must start with /, but was " + newPath);
        path = newPath;
        return this;
    }

    /**
     * Sets the namespace. Default: the path of the URL. Each client has one namespace and a connection of its own.
     *
     * @param newNamespace the namespace, with a slash at its start, without a comma
     * @return this builder
     */
    public SocketIoBuilder namespace(String newNamespace) {
        if (!newNamespace.startsWith("/") || newNamespace.indexOf(',') >= 0) {
            throw new IllegalArgumentException(
                    "namespace must start with / and have no comma, but was " + newNamespace);
        }
        namespace = newNamespace;
        return this;
    }

    /**
     * Sets the payload that the server's middleware finds in {@code socket.handshake.auth}. Default: none.
     *
     * @param newAuth called for each connection, on an SDK thread: it must return at once. Listeners may still have events before
     *     them that were received earlier, so a position that listeners keep may be behind. It gives a map, or an object that the
     *     codec writes as a JSON object; null for nothing
     * @return this builder
     */
    public SocketIoBuilder auth(Supplier<?> newAuth) {
        auth = Objects.requireNonNull(newAuth, "newAuth");
        return this;
    }

    /**
     * Sets a source of credentials, which may take its time. {@link dev.holdfast.Credential#inOpen} puts a token into the auth
     * payload as {@code token}; the other kinds go into the HTTP request. If the server refuses the connection, the provider is
     * asked for a fresh credential once. Default: none.
     *
     * @param provider the source
     * @return this builder
     */
    public SocketIoBuilder credentials(CredentialProvider provider) {
        credentials = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /**
     * Sets a source of endpoints, which gives the URL and the headers of each handshake, see {@link EndpointProvider}. The client
     * adds the parameters {@code EIO} and {@code transport}, and takes the {@link #path} if the URL has none. A path is the one of the
     * server's Engine.IO endpoint, as in {@code https://node-7.example.com/socket.io/}. The {@link #namespace} stays,
     * and is no part of it. If the server refuses the connection to the namespace, the provider is asked once with {@link
     * EndpointProvider.Reason#REFUSED}. Default: none.
     *
     * @param provider called on an I/O thread of the SDK for each attempt; must not block for long
     * @return this builder
     */
    public SocketIoBuilder endpointProvider(EndpointProvider provider) {
        endpointProvider = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /**
     * Sets how long an acknowledgement may take, from when an event was handed to a connection. Default: as long as the
     * connection lasts.
     *
     * @param timeout more than zero
     * @return this builder
     */
    public SocketIoBuilder ackTimeout(Duration timeout) {
        ackTimeoutNanos = Emitter.nanos(Objects.requireNonNull(timeout, "timeout"));
        return this;
    }

    /**
     * Sets how many times an event is sent again if it is not acknowledged: because its connection was lost, or its time is up.
     * Every event then asks for an acknowledgement, which the server's listener must give. The server handles an event at least
     * once if it is acknowledged, and may handle it more than once; the outcome says how often it was sent. Default: 0.
     *
     * @param newRetries how many times
     * @return this builder
     */
    public SocketIoBuilder retries(int newRetries) {
        retries = Emitter.checkedRetries(newRetries);
        return this;
    }

    /**
     * Sets the codec of objects in arguments, which must write JSON. Default: {@link JacksonCodec#lenient}.
     *
     * @param newCodec the codec
     * @return this builder
     */
    public SocketIoBuilder payloadCodec(PayloadCodec newCodec) {
        codec = Objects.requireNonNull(newCodec, "newCodec");
        return this;
    }

    /**
     * Sets how many attachments a received event may have. The connection ends if an event has more. Default: 64.
     *
     * @param newMax at least 0
     * @return this builder
     */
    public SocketIoBuilder maxAttachments(int newMax) {
        if (newMax < 0) throw new IllegalArgumentException("maxAttachments must be at least 0, but was " + newMax);
        maxAttachments = newMax;
        return this;
    }

    /**
     * Sets how many bytes the attachments of a received event may have together. The connection ends if an event has more.
     * Default: 16 MiB.
     *
     * @param newMax at least 0
     * @return this builder
     */
    public SocketIoBuilder maxEventBytes(long newMax) {
        if (newMax < 0) throw new IllegalArgumentException("maxEventBytes must be at least 0, but was " + newMax);
        maxEventBytes = newMax;
        return this;
    }

    /**
     * Sets anything else of the client: its backoff, queue, callback executor, OkHttp client, network monitor and so on. The
     * session, the endpoint and the callbacks that take a lambda belong to Socket.IO. A reconnect policy set here replaces
     * {@link #reconnectPolicy}: begin with that one. The server's heartbeat, which it
     * announces, replaces {@link HoldfastClientBuilder#heartbeat}.
     *
     * @param newConfiguration called once, by {@link #build}
     * @return this builder
     */
    public SocketIoBuilder configure(Consumer<? super HoldfastClientBuilder> newConfiguration) {
        configuration = Objects.requireNonNull(newConfiguration, "newConfiguration");
        return this;
    }

    /**
     * {@return the default reconnect policy: the standard one, which stops after {@link ServerDisconnectException} and {@link
     * ConnectErrorException}}
     *
     * @param hasCredentials whether a provider of credentials or endpoints is asked once after {@link ConnectErrorException}
     */
    public static ReconnectPolicy reconnectPolicy(boolean hasCredentials) {
        Reaction refused = hasCredentials
                ? Reaction.refreshCredentials()
                : Reaction.stop("the server refused the connection to the namespace");
        return ReconnectPolicy.standard()
                .withExceptionReaction(ConnectErrorException.class, refused)
                .withExceptionReaction(
                        ServerDisconnectException.class, Reaction.stop("the server disconnected the socket"));
    }

    /**
     * Builds a client that does nothing before {@link SocketIo#connect}.
     *
     * @return the client
     * @throws IllegalStateException as {@link HoldfastClientBuilder#build}
     */
    public SocketIo build() {
        return new SocketIo(this);
    }

    Supplier<PayloadCodec> codec() {
        PayloadCodec given = codec;
        return given != null ? () -> given : JacksonCodec::lenient;
    }

    SocketIoProtocol protocol() {
        return new SocketIoProtocol(namespace, maxAttachments, maxEventBytes, auth, codec());
    }

    HoldfastClientBuilder client(SocketIoProtocol protocol) {
        HttpUrl endpoint = engineUrl(url.newBuilder().encodedPath(path).build());
        HoldfastClientBuilder builder =
                HoldfastClient.builder(new Request.Builder().url(endpoint).build());
        builder.reconnectPolicy(reconnectPolicy(credentials != null || endpointProvider != null));
        if (credentials != null) builder.credentialProvider(credentials);
        if (endpointProvider != null) builder.endpointProvider(engineEndpoints(endpointProvider, path));
        configuration.accept(builder);
        return builder.session(Session.speaking(() -> protocol));
    }

    private static HttpUrl engineUrl(HttpUrl server) {
        return server.newBuilder()
                .setQueryParameter("EIO", "4")
                .setQueryParameter("transport", "websocket")
                .build();
    }

    /** Returns a provider of the URLs of Engine.IO. */
    private static EndpointProvider engineEndpoints(EndpointProvider provider, String defaultPath) {
        return reason -> provider.endpoint(reason).thenApply(given -> {
            // The client reports that there is none.
            if (given == null) return given;
            HttpUrl server = given.url();
            if (server.encodedPath().equals("/")) {
                server = server.newBuilder().encodedPath(defaultPath).build();
            }
            return given.newBuilder().url(engineUrl(server)).build();
        });
    }
}
