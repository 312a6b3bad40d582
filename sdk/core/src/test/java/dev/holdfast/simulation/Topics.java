package dev.holdfast.simulation;

import dev.holdfast.EncodedPayload;
import dev.holdfast.protocol.Opened;
import dev.holdfast.protocol.Outgoing;
import dev.holdfast.protocol.Protocol;
import dev.holdfast.protocol.ProtocolClient;
import dev.holdfast.protocol.ProtocolConnection;
import dev.holdfast.protocol.ProtocolEvents;
import dev.holdfast.protocol.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The client's side of a protocol of numbered topics, and the application that subscribes to them and takes every promise by its
 * word. {@link TopicServer} is the other side.
 */
final class Topics implements Protocol, ProtocolConnection {
    /** A bug of a client, planted between the client and its application: from outside both look the same. */
    enum Bug {
        NONE,
        /** A gap is not reported. */
        GAP_NOT_REPORTED,
        /** A subscription begins without its cursor on a new connection. */
        CURSOR_FORGOTTEN,
        /** A message that comes twice is delivered twice. */
        DUPLICATE_DELIVERED,
        /** A subscription that the application has ended goes on. */
        END_IGNORED,
        /** The server is not told of the end of a subscription, whose messages are dropped. */
        END_NOT_SENT,
        /** A subscription that begins while no connection is open is forgotten. */
        START_FORGOTTEN
    }

    /** A call takes effect so much later. */
    private static final long THREAD_DELAY = World.millis(1);

    private final World world;
    private final TopicServer server;
    private final Bug bug;
    /** All subscriptions there ever were, by name. */
    private final Map<String, Topic> topics = new LinkedHashMap<>();

    private long lastId;
    private ProtocolClient client;
    /** Whether a connection is open, as the application sees it. */
    boolean isOpen;

    int received;
    int gaps;

    Topics(World world, TopicServer server, Bug bug) {
        this.world = world;
        this.server = server;
        this.bug = bug;
    }

    // ---- the application ----

    /** Begins a subscription, perhaps from a cursor that an earlier process had. */
    void subscribe() {
        String topic = "t" + world.below(TopicServer.TOPICS);
        long newest = server.newest(topic);
        Long cursor = newest > 0 && world.chance(0.4) ? Long.valueOf(1 + world.below(newest)) : null;
        Topic next = new Topic(topic + "." + topics.size(), topic, cursor);
        topics.put(next.name, next);
        world.trace("subscribes to " + next.name + " from " + cursor);
        if (!isOpen) world.happened("subscription begun while down");
        if (bug == Bug.START_FORGOTTEN && !isOpen) return;
        client.subscribe(next, cursor == null ? null : String.valueOf(cursor));
    }

    /** Ends a subscription. */
    void unsubscribe() {
        List<Topic> live = live();
        if (live.isEmpty()) return;
        Topic topic = live.get((int) world.below(live.size()));
        world.trace("unsubscribes from " + topic.name);
        topic.endedAt = world.now();
        if (!isOpen) world.happened("subscription ended while down");
        if (bug != Bug.END_IGNORED) client.unsubscribe(topic.name);
    }

    List<Topic> live() {
        List<Topic> live = new ArrayList<>();
        for (Topic topic : topics.values()) if (topic.endedAt == Long.MAX_VALUE) live.add(topic);
        return live;
    }

    /**
     * Returns whether each live subscription has the newest message of its topic, and the server has these subscriptions and no
     * others.
     */
    boolean areUpToDate(SimConnection newest) {
        Set<String> names = new HashSet<>();
        for (Topic topic : live()) {
            if (topic.last != server.newest(topic.topic)) return false;
            names.add(topic.name);
        }
        return names.equals(server.subscribedOver(newest));
    }

    /** Checks that the server does not begin a subscription on a connection that is younger than the subscription's end. */
    void checkStart(SimConnection connection, long openedAt, String name) {
        Topic topic = topics.get(name);
        if (openedAt > topic.endsAt()) {
            world.fail(new Violation(name + " begins on " + connection + ", though it has ended"));
        }
    }

    @Override
    public String toString() {
        List<String> all = new ArrayList<>();
        for (Topic topic : live()) all.add(topic.name + " at " + topic.last + " of " + server.newest(topic.topic));
        return all.toString();
    }

    /** A subscription, and what its listener has seen. */
    final class Topic implements Subscription {
        private final String name;
        private final String topic;
        /** The newest message that the listener has, or the one that it said it had; 0 for none. */
        private long last;

        private boolean gap;
        private long endedAt = Long.MAX_VALUE;

        Topic(String name, String topic, Long cursor) {
            this.name = name;
            this.topic = topic;
            // Without a cursor it begins with any message.
            this.gap = cursor == null;
            this.last = cursor == null ? 0 : cursor;
        }

        /** Returns when its end has taken effect, whatever the process did meanwhile. */
        private long endsAt() {
            return endedAt == Long.MAX_VALUE ? endedAt : Math.max(endedAt, world.awakeSince()) + THREAD_DELAY;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Outgoing start(String cursor) {
            String from = cursor == null || bug == Bug.CURSOR_FORGOTTEN ? "-" : cursor;
            long id = ++lastId;
            return Outgoing.text("+ " + name + " " + from + " " + id).withAcknowledgement(id, 1, Duration.ofSeconds(5));
        }

        @Override
        public Outgoing end() {
            return bug == Bug.END_NOT_SENT ? null : Outgoing.text("- " + name);
        }

        @Override
        public void onUnanswered() {
            world.happened("subscription unanswered");
        }

        @Override
        public void onFailed(Throwable thrown) {
            world.fail(thrown);
        }

        private void onMessage(long number, long published) {
            received++;
            if (published > endsAt()) {
                world.fail(new Violation(name + " gets " + number + " after its end"));
            } else if (number <= last) {
                world.fail(new Violation(name + " gets " + number + " after " + last));
            } else if (number != last + 1 && !gap) {
                world.fail(new Violation(name + " gets " + number + " after " + last + ", and no gap was reported"));
            }
            last = number;
            gap = false;
        }

        private void onGap() {
            gaps++;
            gap = true;
            world.happened("gap");
        }
    }

    // ---- the protocol ----

    @Override
    public void attach(ProtocolClient newClient) {
        client = newClient;
    }

    @Override
    public ProtocolConnection newConnection() {
        return this;
    }

    @Override
    public Outgoing open(String credential) {
        return Outgoing.text("open");
    }

    @Override
    public Outgoing outgoing(EncodedPayload payload) {
        long id = ++lastId;
        return Outgoing.text("p " + payload.text() + " " + id).withAcknowledgement(id, 1, null);
    }

    @Override
    public void onText(String text, ProtocolEvents events) {
        String[] words = text.split(" ", -1);
        switch (words[0]) {
            case "welcome":
                events.opened(Opened.plain());
                break;
            case "ok":
                events.acknowledged(Long.parseLong(words[1]), () -> {});
                break;
            case "gap":
                events.gap(
                        words[1],
                        bug == Bug.GAP_NOT_REPORTED
                                ? () -> {}
                                : () -> topics.get(words[1]).onGap());
                break;
            case "m":
                long number = Long.parseLong(words[2]);
                long published = Long.parseLong(words[3]);
                // Without a cursor the client finds no duplicate, and begins again at the one that it has by itself.
                boolean blind = bug == Bug.DUPLICATE_DELIVERED && world.chance(0.5);
                events.message(
                        words[1],
                        blind ? null : words[2],
                        () -> topics.get(words[1]).onMessage(number, published));
                break;
            default:
                throw new AssertionError(text);
        }
    }
}
