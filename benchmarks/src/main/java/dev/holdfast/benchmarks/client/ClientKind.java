package dev.holdfast.benchmarks.client;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The clients that are compared. */
public enum ClientKind {
    HOLDFAST("Holdfast", Role.OURS, HoldfastWebSocketsClient::new),
    HOLDFAST_CLIENT("Holdfast, reconnecting", Role.OURS, HoldfastSessionClient::withoutSession),
    HOLDFAST_SESSION("Holdfast, session", Role.OURS_WITH_SESSION, HoldfastSessionClient::resumable),
    OKHTTP("OkHttp", Role.PEER, OkHttpWebSocketClient::new),
    JAVA_WEBSOCKET("Java-WebSocket", Role.PEER, JavaWebSocketClient::new),
    NV("nv", Role.PEER, NvWebSocketClient::new),
    JAVA_NET_HTTP("java.net.http", Role.PEER, JavaNetHttpClient::new),
    JETTY("Jetty", Role.PEER, JettyClient::new),
    NETTY("Netty", Role.PEER, NettyClient::new),
    RAW("raw", Role.REFERENCE, RawClient::new);

    private enum Role {
        OURS,
        OURS_WITH_SESSION,
        PEER,
        REFERENCE
    }

    private final String title;
    private final Role role;

    @SuppressWarnings("ImmutableEnumChecker") // Constructors.
    private final Supplier<Client> factory;

    ClientKind(String title, Role role, Supplier<Client> factory) {
        this.title = title;
        this.role = role;
        this.factory = factory;
    }

    /** Returns the clients of other projects. */
    public static List<ClientKind> peers() {
        return Stream.of(values()).filter(kind -> kind.role == Role.PEER).toList();
    }

    /** Returns the name in a table. */
    public String title() {
        return title;
    }

    /** Returns whether the client speaks {@code resume.v1.json}. */
    public boolean speaksSession() {
        return role == Role.OURS_WITH_SESSION;
    }

    /** Returns whether this is not a client but a reference for comparison. */
    public boolean isReference() {
        return role == Role.REFERENCE;
    }

    /** Returns a client with its defaults, except for limits that the work would exceed. */
    public Client create() {
        return factory.get();
    }
}
