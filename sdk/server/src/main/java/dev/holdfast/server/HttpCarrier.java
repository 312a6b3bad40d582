package dev.holdfast.server;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a {@link HoldfastServer} over plain HTTP, section 15 of the protocol. An adapter passes it the POST
 * requests at the path of the WebSockets.
 */
public final class HttpCarrier {
    /** The maximum size of a request's body: a binary message of the largest size in base64, and the largest text with escapes. */
    public static final int MAX_BODY_BYTES = 32 * 1024 * 1024;

    private static final int OK = 200;
    static final int BAD_REQUEST = 400;
    private static final int CONFLICT = 409;
    private static final int UNAVAILABLE = 503;
    private static final int REMEMBERED_SECONDS = 60;
    private static final String ATTEMPT = "Holdfast-Attempt";
    private static final String NUMBER = "Holdfast-Request";
    private static final String POLL = "Holdfast-Poll";
    private static final String GIVEN_UP = "http-given-up";
    private static final String INSTEAD = "Holdfast-Instead";
    private static final String AUTHORIZATION = "Authorization";
    private static final String ORIGIN = "Origin";
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z_-]{22,64}");
    private static final Pattern NAMES = Pattern.compile(NAME + "(," + NAME + "){0,7}");
    private static final Pattern COUNT = Pattern.compile("\\d{1,15}");

    private final ServerContext context;
    private final Doorkeeper doorkeeper;

    /** The connections by their names, and for a while those that are over. */
    private final Map<String, HttpWire> wires = new ConcurrentHashMap<>();

    private final GivenUpNames givenUp = new GivenUpNames(System::nanoTime);

    private final @Nullable Nodes nodes;
    private final @Nullable HttpRelay relay;

    HttpCarrier(ServerContext context, Doorkeeper doorkeeper) {
        this.context = context;
        this.doorkeeper = doorkeeper;
        this.nodes = context.store.nodes();
        this.relay = nodes == null ? null : new HttpRelay(context, nodes, wires::get);
        if (nodes != null) nodes.listen(GIVEN_UP, (word, name, value) -> context.workers.execute(() -> giveUp(name)));
    }

    /**
     * Answers a request, now or later. May block as long as the {@link Authenticator} does.
     *
     * @param exchange the request and its answer
     * @param body the body of the request, at most {@link #MAX_BODY_BYTES}. A longer one is answered with 413 by the
     *     adapter
     */
    public void handle(HttpExchange exchange, String body) {
        String attempt = exchange.header(ATTEMPT);
        String number = exchange.header(NUMBER);
        String poll = exchange.header(POLL);
        String instead = exchange.header(INSTEAD);
        Admission.Refused refused = doorkeeper.refuse(exchange.header(ORIGIN), exchange.header(AUTHORIZATION));
        if (refused != null) {
            refuse(exchange, refused.status(), refused.reason());
        } else if (attempt == null) {
            exchange.respond(OK, "application/json", "[\"" + HoldfastServer.SUBPROTOCOL + "\"]");
        } else if (!NAME.matcher(attempt).matches() || !isCount(number) || !isCount(poll) || !isNames(instead)) {
            refuse(exchange, BAD_REQUEST, "not a name or a number");
        } else if (number != null) {
            send(exchange, attempt, Long.parseLong(number), body);
        } else if (poll != null && Long.parseLong(poll) > 0) {
            poll(exchange, attempt, Long.parseLong(poll));
        } else {
            List<String> abandoned = instead == null ? List.of() : List.of(instead.split(",", -1));
            admit(exchange, attempt, poll != null, abandoned, body);
        }
    }

    private static boolean isNames(@Nullable String names) {
        return names == null || NAMES.matcher(names).matches();
    }

    private static boolean isCount(@Nullable String number) {
        return number == null || COUNT.matcher(number).matches();
    }

    private static void refuse(HttpExchange exchange, int status, String why) {
        exchange.respond(status, PLAIN, why + "\n");
    }

    private static void finish(HttpExchange exchange, int status) {
        exchange.respond(status, null, "");
    }

    private void admit(HttpExchange exchange, String attempt, boolean polls, List<String> abandoned, String open) {
        if (givenUp.contains(attempt) || wires.containsKey(attempt)) {
            refuseKnown(exchange);
            return;
        }
        // Before the connection gets its number: an opening that is admitted nevertheless is an older one.
        givenUp.add(abandoned);
        Admission admission = doorkeeper.grant(exchange.header(AUTHORIZATION));
        if (admission instanceof Admission.Refused refused) {
            refuse(exchange, refused.status(), refused.reason());
            return;
        }
        Admission.Granted granted = (Admission.Granted) admission;
        Nodes shared = nodes;
        if (shared == null) {
            open(exchange, granted, attempt, polls, open);
        } else {
            context.workers.execute(() -> claim(shared, exchange, granted, attempt, polls, abandoned, open));
        }
    }

    /** The client has given such a connection up, or the request was doubled on its way. What has begun goes on. */
    private static void refuseKnown(HttpExchange exchange) {
        refuse(exchange, CONFLICT, "the connection is known");
    }

    private void claim(
            Nodes shared,
            HttpExchange exchange,
            Admission.Granted granted,
            String attempt,
            boolean polls,
            List<String> abandoned,
            String open) {
        boolean isNew = false;
        try {
            isNew = shared.claim(attempt);
            if (isNew) giveUp(shared, abandoned);
        } catch (RuntimeException e) {
            context.failed(e);
            if (isNew) release(attempt);
            refuse(exchange, UNAVAILABLE, "the store does not answer");
            return;
        }
        if (isNew) {
            open(exchange, granted, attempt, polls, open);
        } else {
            refuseKnown(exchange);
        }
    }

    private void giveUp(Nodes shared, List<String> abandoned) {
        shared.giveUp(abandoned).forEach((name, holder) -> {
            if (holder.equals(shared.self())) return;
            try {
                boolean unused = shared.tell(holder, GIVEN_UP, name, "");
            } catch (RuntimeException e) {
                // The opening is good without it.
                context.failed(e);
            }
        });
    }

    private void open(HttpExchange exchange, Admission.Granted granted, String attempt, boolean polls, String open) {
        // Now that it has its number: a newer connection may have one already, and has given this one up before.
        if (givenUp.contains(attempt)) {
            release(attempt);
            refuseKnown(exchange);
            return;
        }
        HttpWire wire = new HttpWire(context, new Answer(exchange), polls, () -> remember(attempt));
        if (wires.putIfAbsent(attempt, wire) != null) {
            refuseKnown(exchange);
            return;
        }
        ServerConnection connection = granted.prepare(wire);
        boolean opened = false;
        try {
            exchange.onOpened(connection);
            opened = true;
        } finally {
            if (!opened) wire.abort();
        }
        wire.start(connection, new Frame.Text(open));
        // It may have been given up in between, when there was nothing to end yet.
        if (givenUp.contains(attempt)) wire.giveUp();
    }

    /** A client has given a connection up, and another server has its newer one. */
    private void giveUp(String attempt) {
        givenUp.add(List.of(attempt));
        HttpWire wire = wires.get(attempt);
        if (wire != null) wire.giveUp();
    }

    private void release(String attempt) {
        Nodes shared = nodes;
        if (shared != null) {
            context.workers.execute(() -> shared.release(attempt));
        }
    }

    /** Remembers a name for a while when its connection is over: its {@code open} may come again. */
    private void remember(String attempt) {
        release(attempt);
        var unused = context.timer.schedule(() -> wires.remove(attempt), REMEMBERED_SECONDS, TimeUnit.SECONDS);
    }

    private void send(HttpExchange exchange, String attempt, long number, String body) {
        HttpWire wire = wires.get(attempt);
        if (wire == null) {
            elsewhere(exchange, attempt, number, body);
            return;
        }
        try {
            wire.take(number, HttpMembers.read(body), status -> finish(exchange, status));
        } catch (IOException e) {
            refuse(exchange, BAD_REQUEST, "not an array of messages");
        }
    }

    /** @param body null for a poll */
    private void elsewhere(HttpExchange exchange, String attempt, long number, @Nullable String body) {
        HttpRelay others = relay;
        if (others == null || (body != null && body.isEmpty())) {
            finish(exchange, HttpWire.GONE);
        } else {
            others.ask(attempt, number, body, new Answer(exchange), status -> finish(exchange, status));
        }
    }

    private void poll(HttpExchange exchange, String attempt, long number) {
        HttpWire wire = wires.get(attempt);
        if (wire == null) {
            elsewhere(exchange, attempt, number, null);
        } else {
            wire.poll(number, new Answer(exchange), status -> finish(exchange, status));
        }
    }

    /** The answer to a request, as what events are written to. */
    private record Answer(HttpExchange exchange) implements HttpWire.Sink {
        @Override
        public void write(boolean last, byte[] events, SendCallback callback) {
            exchange.write(last, events, callback);
        }

        @Override
        public void fail() {
            exchange.fail();
        }
    }
}
