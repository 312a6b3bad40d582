package dev.holdfast.benchmarks.client;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** All that are compared. */
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

    /** The clients that others wrote. */
    public static List<ClientKind> peers() {
        return Stream.of(values()).filter(kind -> kind.role == Role.PEER).toList();
    }

    /** How a table calls it. */
    public String title() {
        return title;
    }

    /** Whether it speaks {@code resume.v1.json}. */
    public boolean speaksSession() {
        return role == Role.OURS_WITH_SESSION;
    }

    /** Whether it is no client but something to compare them with. */
    public boolean isReference() {
        return role == Role.REFERENCE;
    }

    /** A client with its defaults, but for limits that the work would exceed. */
    public Client create() {
        return factory.get();
    }
}
