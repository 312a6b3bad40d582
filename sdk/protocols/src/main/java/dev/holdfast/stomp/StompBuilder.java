package dev.holdfast.stomp;

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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** A builder of a {@link Stomp} client. */
public final class StompBuilder {
    private static final long DEFAULT_HEARTBEAT_MILLIS = 10_000;
    private static final Duration MAX_TIME = Duration.ofDays(1);

    private final HttpUrl url;
    private Map<String, String> login = Collections.emptyMap();
    private @Nullable PayloadCodec codec;
    private @Nullable CredentialProvider credentials;
    private @Nullable EndpointProvider endpointProvider;
    private Consumer<? super HoldfastClientBuilder> configuration = builder -> {};

    String host;
    String credentialHeader = "passcode";
    Supplier<? extends Map<String, String>> connectHeaders = Collections::emptyMap;
    long sendsMillis = DEFAULT_HEARTBEAT_MILLIS;
    long wantsMillis = DEFAULT_HEARTBEAT_MILLIS;
    long maxBodyBytes = 16 * 1024 * 1024;
    boolean receipts = true;
    long receiptTimeoutNanos = TimeUnit.SECONDS.toNanos(30);
    int retries;

    StompBuilder(String text) {
        String http = Objects.requireNonNull(text, "text").replaceFirst("^ws(s?):", "http$1:");
        url = HttpUrl.get(http);
        host = url.host();
    }

    /**
     * Sets the virtual host. Default: the host of the URL. RabbitMQ wants the name of its own virtual host here, which is {@code
     * /} unless somebody has changed it.
     *
     * @param newHost the virtual host
     * @return this builder
     */
    public StompBuilder host(String newHost) {
        host = Objects.requireNonNull(newHost, "newHost");
        return this;
    }

    /**
     * Sets the user and the passcode for CONNECT. Default: none.
     *
     * @param newLogin the user
     * @param passcode the passcode
     * @return this builder
     */
    public StompBuilder login(String newLogin, String passcode) {
        Map<String, String> both = new LinkedHashMap<>();
        both.put("login", Objects.requireNonNull(newLogin, "newLogin"));
        both.put("passcode", Objects.requireNonNull(passcode, "passcode"));
        Frame.check(both, false);
        login = both;
        return this;
    }

    /**
     * Sets more headers of CONNECT, or replaces some. Default: none.
     *
     * @param newHeaders called for each connection, on an SDK thread: it must return at once
     * @return this builder
     */
    public StompBuilder connectHeaders(Supplier<? extends Map<String, String>> newHeaders) {
        connectHeaders = Objects.requireNonNull(newHeaders, "newHeaders");
        return this;
    }

    /**
     * Sets a source of credentials, which may take its time. {@link dev.holdfast.Credential#inOpen} goes into CONNECT, see {@link
     * #credentialHeader}; the other kinds go into the HTTP request. If the server refuses CONNECT, the provider is asked for a
     * fresh credential once. Default: none.
     *
     * @param provider the source
     * @return this builder
     */
    public StompBuilder credentials(CredentialProvider provider) {
        credentials = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /**
     * Sets a source of endpoints, which gives the URL and the headers of each handshake, see {@link EndpointProvider}. The client
     * adds the subprotocol. The virtual host of CONNECT stays the one of {@link #host}. If the server refuses CONNECT, the provider
     * is asked once with {@link EndpointProvider.Reason#REFUSED}. Default: none.
     *
     * @param provider called on an I/O thread of the SDK for each attempt; must not block for long
     * @return this builder
     */
    public StompBuilder endpointProvider(EndpointProvider provider) {
        endpointProvider = Objects.requireNonNull(provider, "provider");
        return this;
    }

    /**
     * Sets the header of CONNECT that takes a credential. Default: {@code passcode}.
     *
     * @param header the name of the header, such as {@code Authorization}
     * @return this builder
     */
    public StompBuilder credentialHeader(String header) {
        Frame.check(Collections.singletonMap(header, ""), false);
        credentialHeader = header;
        return this;
    }

    /**
     * Sets the heart-beats, as section "Heart-beating" of STOMP 1.2 has them: how often the client can send something, and how
     * often it wants to hear something. The longer of this and the server's time counts. After twice its time the server's
     * silence ends the connection. If the server sends none, the SDK's pings watch the connection. Default: 10 s both.
     *
     * @param outgoing zero for none; at most one day
     * @param incoming zero for none; at most one day
     * @return this builder
     */
    public StompBuilder heartbeat(Duration outgoing, Duration incoming) {
        sendsMillis = millis("outgoing", outgoing);
        wantsMillis = millis("incoming", incoming);
        return this;
    }

    private static long millis(String name, Duration time) {
        if (time.isNegative() || time.compareTo(MAX_TIME) > 0) {
            throw new IllegalArgumentException(name + " must be between 0 and 1 day, but was " + time);
        }
        return time.isZero() ? 0 : Math.max(1, time.toMillis());
    }

    /**
     * Sets whether the client asks for a receipt of each message and transaction. Without, the outcome is {@link
     * dev.holdfast.Outcome.Kind#WRITTEN} when a socket has taken the message. Turn it off for a broker that gives none, such as
     * the simple broker of Spring. Default: true.
     *
     * <p>At most 65,536 messages, and 16 MiB of them, wait for receipts at a time. More stay in the queue, whose limits and overflow
     * policy apply.
     *
     * @param newReceipts whether it asks
     * @return this builder
     */
    public StompBuilder receipts(boolean newReceipts) {
        receipts = newReceipts;
        return this;
    }

    /**
     * Sets how long a receipt may take, from when a message was handed to a connection. Default: 30 s.
     *
     * @param timeout more than zero, at most one day
     * @return this builder
     */
    public StompBuilder receiptTimeout(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIME) > 0) {
            throw new IllegalArgumentException("timeout must be between 1 ns and 1 day, but was " + timeout);
        }
        receiptTimeoutNanos = timeout.toNanos();
        return this;
    }

    /**
     * Sets how many times a message is sent again if its receipt does not come: because its connection was lost, or its time is
     * up. The broker then has the message at least once, and may have it more than once; the outcome says how often it was
     * sent. It has no effect without {@linkplain #receipts receipts}. Default: 0.
     *
     * @param newRetries how many times, at least 0
     * @return this builder
     */
    public StompBuilder retries(int newRetries) {
        if (newRetries < 0) throw new IllegalArgumentException("retries must be at least 0, but was " + newRetries);
        retries = Math.min(newRetries, Integer.MAX_VALUE - 1);
        return this;
    }

    /**
     * Sets how many bytes the body of a received frame may have. The connection ends if one has more. Default: 16 MiB.
     *
     * @param newMax at least 0
     * @return this builder
     */
    public StompBuilder maxBodyBytes(long newMax) {
        if (newMax < 0) throw new IllegalArgumentException("maxBodyBytes must be at least 0, but was " + newMax);
        maxBodyBytes = newMax;
        return this;
    }

    /**
     * Sets the codec of bodies that are objects. Default: {@link JacksonCodec#lenient}.
     *
     * @param newCodec the codec
     * @return this builder
     */
    public StompBuilder payloadCodec(PayloadCodec newCodec) {
        codec = Objects.requireNonNull(newCodec, "newCodec");
        return this;
    }

    /**
     * Sets anything else of the client: its backoff, queue, callback executor, OkHttp client, network monitor and so on. The
     * session, the endpoint and the callbacks that take a lambda belong to STOMP. A reconnect policy set here replaces {@link
     * #reconnectPolicy}: begin with that one.
     *
     * @param newConfiguration called once, by {@link #build}
     * @return this builder
     */
    public StompBuilder configure(Consumer<? super HoldfastClientBuilder> newConfiguration) {
        configuration = Objects.requireNonNull(newConfiguration, "newConfiguration");
        return this;
    }

    /**
     * {@return the default reconnect policy: the standard one, which stops after {@link ConnectRefusedException}}
     *
     * @param hasCredentials whether a provider of credentials or endpoints is asked once after that
     */
    public static ReconnectPolicy reconnectPolicy(boolean hasCredentials) {
        Reaction refused = hasCredentials ? Reaction.refreshCredentials() : Reaction.stop("the server refused CONNECT");
        return ReconnectPolicy.standard().withExceptionReaction(ConnectRefusedException.class, refused);
    }

    /**
     * Builds a client that does nothing before {@link Stomp#connect}.
     *
     * @return the client
     * @throws IllegalStateException as {@link HoldfastClientBuilder#build}
     */
    public Stomp build() {
        return new Stomp(this);
    }

    Map<String, String> login() {
        return login;
    }

    Supplier<PayloadCodec> codec() {
        PayloadCodec given = codec;
        return given != null ? () -> given : JacksonCodec::lenient;
    }

    HoldfastClientBuilder client(StompProtocol protocol) {
        HoldfastClientBuilder builder =
                HoldfastClient.builder(new Request.Builder().url(url).build());
        builder.reconnectPolicy(reconnectPolicy(credentials != null || endpointProvider != null));
        if (credentials != null) builder.credentialProvider(credentials);
        if (endpointProvider != null) builder.endpointProvider(endpointProvider);
        configuration.accept(builder);
        return builder.session(Session.speaking(() -> protocol));
    }
}
