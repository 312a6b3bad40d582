package dev.holdfast.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes requests on to the server that has their connection, and its answers back. What gets lost on the way is answered with
 * 410: then the client resumes.
 */
final class HttpRelay {
    private static final String REQUEST = "http-request";
    private static final String ANSWER = "http-answer";
    private static final int OK = 200;
    private static final int ID_BYTES = 12;
    private static final int PATIENCE_SECONDS = 35;

    private final ServerContext context;
    private final Nodes nodes;
    private final Function<String, @Nullable HttpWire> wires;
    private final SecureRandom random = new SecureRandom();

    /** The requests that another server answers. */
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();

    private record Asked(HttpWire.Sink sink, IntConsumer refusal) {}

    /** @param wires returns a connection of this server by its name */
    HttpRelay(ServerContext context, Nodes nodes, Function<String, @Nullable HttpWire> wires) {
        this.context = context;
        this.nodes = nodes;
        this.wires = wires;
        nodes.listen(REQUEST, (word, name, value) -> context.workers.execute(() -> answer(name, value)));
        nodes.listen(ANSWER, (word, id, value) -> context.workers.execute(() -> answered(id, value)));
    }

    /**
     * Passes a request on.
     *
     * @param body the members of a request, null for a poll
     * @param sink for the answer to a poll
     * @param finish for any other answer, a status
     */
    void ask(String connection, long number, @Nullable String body, HttpWire.Sink sink, IntConsumer finish) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        context.workers.execute(() -> {
            asked.put(id, new Asked(sink, finish));
            var unused = context.timer.schedule(
                    () -> answered(id, Integer.toString(HttpWire.GONE)), PATIENCE_SECONDS, TimeUnit.SECONDS);
            boolean told = false;
            try {
                String holder = nodes.holder(connection);
                told = holder != null
                        && !holder.equals(nodes.self())
                        && nodes.tell(
                                holder,
                                REQUEST,
                                connection,
                                nodes.self() + " " + id + " " + number + " " + (body == null ? "" : body));
            } finally {
                if (!told) answered(id, Integer.toString(HttpWire.GONE));
            }
        });
    }

    private void answered(String id, String value) {
        Asked request = asked.remove(id);
        if (request == null) return;
        int space = value.indexOf(' ');
        if (space < 0) {
            request.refusal().accept(Integer.parseInt(value));
        } else {
            byte[] events = value.substring(space + 1).getBytes(StandardCharsets.UTF_8);
            request.sink().write(true, events, SendCallback.ignore());
        }
    }

    /** Answers a request that another server has passed on. */
    private void answer(String connection, String value) {
        String[] parts = value.split(" ", 4);
        Reply reply = new Reply(parts[0], parts[1]);
        HttpWire wire = wires.apply(connection);
        if (wire == null) {
            reply.status(HttpWire.GONE);
        } else if (parts[3].isEmpty()) {
            wire.poll(Long.parseLong(parts[2]), reply, reply::status);
        } else {
            try {
                wire.take(Long.parseLong(parts[2]), HttpMembers.read(parts[3]), reply::status);
            } catch (IOException e) {
                reply.status(HttpCarrier.BAD_REQUEST);
            }
        }
    }

    private final class Reply implements HttpWire.Sink {
        private final String node;
        private final String id;

        Reply(String node, String id) {
            this.node = node;
            this.id = id;
        }

        void status(int status) {
            context.workers.execute(() -> {
                boolean unused = nodes.tell(node, ANSWER, id, Integer.toString(status));
            });
        }

        @Override
        public void write(boolean last, byte[] events, SendCallback callback) {
            context.workers.execute(() -> {
                try {
                    boolean unused =
                            nodes.tell(node, ANSWER, id, OK + " " + new String(events, StandardCharsets.UTF_8));
                    callback.succeeded();
                } catch (RuntimeException e) {
                    callback.failed(e);
                }
            });
        }

        @Override
        public void fail() {
            status(HttpWire.GONE);
        }
    }
}
