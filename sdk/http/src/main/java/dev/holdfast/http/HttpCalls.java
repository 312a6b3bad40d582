package dev.holdfast.http;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.RetryAfter;
import dev.holdfast.internal.transport.TransportException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The requests of a carrier, through the application's client, and what their failures mean. */
final class HttpCalls {
    static final MediaType JSON = MediaType.get("application/json");
    static final int OK = 200;
    static final int NO_CONTENT = 204;
    private static final int CONFLICT = 409;
    private static final int GONE = 410;
    static final int TOO_LARGE = 413;
    private static final String ATTEMPT = "Holdfast-Attempt";
    private static final String NUMBER = "Holdfast-Request";
    private static final String POLL = "Holdfast-Poll";
    private static final String INSTEAD = "Holdfast-Instead";
    private static final String EVENTS = "text/event-stream";

    /** More than the 25 seconds for which a server may keep a poll. */
    private static final long ANSWER_SECONDS = 40;

    private final OkHttpClient requests;
    private final OkHttpClient streams;

    HttpCalls(OkHttpClient client) {
        this.requests = client.newBuilder()
                .followRedirects(false)
                .followSslRedirects(false)
                .cache(null)
                .callTimeout(0, TimeUnit.SECONDS)
                .readTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                .build();
        // The session notices by its pings that a stream is dead.
        this.streams = requests.newBuilder().readTimeout(0, TimeUnit.SECONDS).build();
    }

    private static Request.Builder post(Request handshake, RequestBody body) {
        return handshake.newBuilder().post(body);
    }

    Call greeting(Request handshake) {
        return requests.newCall(post(handshake, RequestBody.create("[]", JSON)).build());
    }

    /** @param instead the openings that were given up, see {@link HttpTransport#givenUp} */
    Call stream(Request handshake, String attempt, String instead, String open) {
        return streams.newCall(opening(handshake, attempt, instead, open).build());
    }

    /** @param instead the openings that were given up, see {@link HttpTransport#givenUp} */
    Call firstPoll(Request handshake, String attempt, String instead, String open) {
        return requests.newCall(
                opening(handshake, attempt, instead, open).header(POLL, "0").build());
    }

    private static Request.Builder opening(Request handshake, String attempt, String instead, String open) {
        Request.Builder request = post(handshake, RequestBody.create(open, JSON))
                .header("Accept", EVENTS)
                .header(ATTEMPT, attempt);
        if (!instead.isEmpty()) request.header(INSTEAD, instead);
        return request;
    }

    Call poll(Request handshake, String attempt, long number) {
        return requests.newCall(post(handshake, RequestBody.create("", JSON))
                .header("Accept", EVENTS)
                .header(ATTEMPT, attempt)
                .header(POLL, Long.toString(number))
                .build());
    }

    Call upload(Request handshake, String attempt, long number, RequestBody body) {
        return requests.newCall(post(handshake, body)
                .header(ATTEMPT, attempt)
                .header(NUMBER, Long.toString(number))
                .build());
    }

    /**
     * A request of a client that only receives.
     *
     * @param polls whether the answer comes at once
     * @param etag of the answer before, null for none
     */
    Call feed(Request asked, boolean polls, @Nullable String etag) {
        Request.Builder request = asked.newBuilder().header("Cache-Control", "no-store");
        if (!polls) request.header("Accept", EVENTS);
        if (etag != null) request.header("If-None-Match", etag);
        return (polls ? requests : streams).newCall(request.build());
    }

    /**
     * Waits for the answer.
     *
     * @param phase the phase of the connection, for a failure once the server was reached
     */
    static Response execute(Call call, Phase phase) throws TransportException {
        Steps steps = new Steps(phase);
        call.addEventListener(steps);
        try {
            return call.execute();
        } catch (IOException e) {
            throw failed(e, steps.phase);
        } catch (RuntimeException | Error e) {
            throw TransportException.thrown(steps.phase, e);
        }
    }

    static TransportException failed(IOException e, Phase reached) {
        Phase phase = reached;
        if (e instanceof UnknownHostException) {
            phase = Phase.DNS;
        } else if (e instanceof ConnectException) {
            phase = Phase.TCP;
        }
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return TransportException.of(phase, what(phase, e) + message, e);
    }

    private static String what(Phase phase, IOException e) {
        switch (phase) {
            case DNS:
                return e instanceof UnknownHostException ? "host not found: " : "DNS lookup failed: ";
            case TCP:
                return e instanceof ConnectException ? "connection refused or unreachable: " : "TCP connect failed: ";
            case TLS:
                return "TLS handshake failed: ";
            default:
                return "HTTP request failed: ";
        }
    }

    /** Returns the failure for an answer with a status that was not expected. */
    static TransportException refused(Response response, String what) {
        long retryAfter = RetryAfter.nanos(response);
        MediaType type = response.body().contentType();
        String shown = type == null ? "" : " (" + type.type() + "/" + type.subtype() + ")";
        return TransportException.refused(
                response.code(),
                retryAfter,
                what + " refused with HTTP " + response.code() + shown + RetryAfter.describe(retryAfter));
    }

    /** Returns the failure for an answer to a request of a connection that was open. */
    static TransportException ended(Response response, Phase phase, String what) {
        // To a policy the second status would mean that the service is gone.
        return isLost(response)
                ? TransportException.of(
                        phase, "the server does not have the connection any more (HTTP " + response.code() + ")", null)
                : refused(response, what);
    }

    /** Returns whether the server no longer has the connection. */
    static boolean isLost(Response response) {
        return response.code() == CONFLICT || response.code() == GONE;
    }

    static boolean hasEvents(Response response) {
        MediaType type = response.body().contentType();
        return response.code() == OK && type != null && EVENTS.equals(type.type() + "/" + type.subtype());
    }

    /** How far a call has come. */
    private static final class Steps extends EventListener {
        private final Phase reached;
        private volatile Phase phase;

        Steps(Phase reached) {
            this.reached = reached;
            this.phase = reached;
        }

        @Override
        public void dnsStart(Call call, String domainName) {
            phase = Phase.DNS;
        }

        @Override
        public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
            phase = Phase.TCP;
        }

        @Override
        public void secureConnectStart(Call call) {
            phase = Phase.TLS;
        }

        @Override
        public void connectionAcquired(Call call, okhttp3.Connection connection) {
            phase = reached;
        }
    }
}
