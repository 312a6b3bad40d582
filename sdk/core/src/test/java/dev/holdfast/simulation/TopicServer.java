package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import okio.ByteString;

/**
 * A server of numbered topics, which keeps the newest messages of each. A subscription names the message after which it begins. If
 * that is forgotten, the server says so, and does not begin the subscription.
 */
final class TopicServer implements SimServer {
    static final int TOPICS = 3;

    private static final class Live {
        final long openedAt;
        boolean opened;
        final Set<String> subscribed = new LinkedHashSet<>();

        Live(long openedAt) {
            this.openedAt = openedAt;
        }
    }

    private final World world;
    private final Map<SimConnection, Live> connected = new LinkedHashMap<>();
    private final Map<String, Long> newest = new HashMap<>();
    /** The oldest message of each topic that the server still has. */
    private final Map<String, Long> oldest = new HashMap<>();
    /** When each message was published. */
    private final Map<String, Long> published = new HashMap<>();

    /** The messages that the client published. */
    final Set<String> handled = new HashSet<>();

    long answerDelay;
    Topics client;

    TopicServer(World world) {
        this.world = world;
    }

    long newest(String topic) {
        return newest.getOrDefault(topic, 0L);
    }

    /** The names of the subscriptions that go on over a connection. */
    Set<String> subscribedOver(SimConnection connection) {
        Live live = connected.get(connection);
        return live == null ? Set.of() : live.subscribed;
    }

    void publish(String topic) {
        long number = newest.merge(topic, 1L, Long::sum);
        published.put(topic + " " + number, world.now());
        connected.forEach((connection, live) -> {
            for (String name : live.subscribed) if (topicOf(name).equals(topic)) send(connection, name, number);
        });
    }

    private static String topicOf(String name) {
        return name.substring(0, name.indexOf('.'));
    }

    private void send(SimConnection connection, String name, long number) {
        connection.serverSends(
                Item.text("m " + name + " " + number + " " + published.get(topicOf(name) + " " + number)));
    }

    /** Forgets all but a few messages of each topic. */
    void trim() {
        newest.forEach((topic, number) -> oldest.merge(topic, Math.max(1, number - world.below(5)), Math::max));
    }

    void closeAll(int code) {
        for (SimConnection connection : new ArrayList<>(connected.keySet())) connection.serverCloses(code, "");
    }

    @Override
    public void onConnect(SimConnection connection) {
        connected.put(connection, new Live(world.now()));
    }

    @Override
    public void onDisconnect(SimConnection connection) {
        connected.remove(connection);
    }

    @Override
    public void onBinary(SimConnection connection, ByteString bytes) {
        throw new Violation("server got a binary message");
    }

    @Override
    public void onText(SimConnection connection, String text) {
        Live live = connected.get(connection);
        if (live == null) return;
        String[] words = text.split(" ", -1);
        if (!live.opened && !words[0].equals("open")) throw new Violation("server got " + text + " before the opening");
        switch (words[0]) {
            case "open":
                live.opened = true;
                world.schedule(() -> connection.serverSends(Item.text("welcome")), world.below(World.millis(50)));
                break;
            case "+":
                start(connection, live, words[1], words[2], words[3]);
                break;
            case "-":
                live.subscribed.remove(words[1]);
                break;
            case "p":
                if (!handled.add(words[1])) throw new Violation("server got " + words[1] + " twice");
                answer(connection, words[2]);
                break;
            default:
                throw new Violation("server got " + text);
        }
    }

    private void answer(SimConnection connection, String id) {
        if (answerDelay == 0) {
            connection.serverSends(Item.text("ok " + id));
        } else {
            world.schedule(() -> connection.serverSends(Item.text("ok " + id)), world.below(answerDelay));
        }
    }

    private void start(SimConnection connection, Live live, String name, String cursor, String id) {
        String topic = topicOf(name);
        client.checkStart(connection, live.openedAt, name);
        if (live.subscribed.contains(name)) throw new Violation(name + " begins twice on " + connection);
        boolean answersFirst = world.chance(0.5);
        if (answersFirst) answer(connection, id);
        if (cursor.equals("-")) {
            live.subscribed.add(name);
        } else {
            long after = Long.parseLong(cursor);
            if (after > newest(topic)) throw new Violation(name + " begins after " + after + ", which was never sent");
            if (after + 1 < oldest.getOrDefault(topic, 1L)) {
                world.happened("cursor rejected");
                connection.serverSends(Item.text("gap " + name));
            } else {
                live.subscribed.add(name);
                // Some servers repeat the message of the cursor.
                boolean repeats = after >= oldest.getOrDefault(topic, 1L) && world.chance(0.5);
                for (long number = repeats ? after : after + 1; number <= newest(topic); number++) {
                    send(connection, name, number);
                }
                if (repeats) world.happened("message of a cursor repeated");
            }
        }
        if (!answersFirst) answer(connection, id);
    }
}
