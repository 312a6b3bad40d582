package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import okio.ByteString;

/** A server with topics, whose messages have numbers and whose histories are cut now and then. It acknowledges what it gets. */
final class CursorServer implements SimServer {
    /** A topic's history. */
    static final class Topic {
        long newest;
        /** The newest message that the server has dropped. */
        long trimmed;
    }

    /** Sees each subscription as it begins. */
    interface Observer {
        void onSubscribe(String topic, String id, String cursor);
    }

    private final World world;
    final Map<String, Topic> topics = new TreeMap<>();
    /** The subscriptions of each connection: topics by ids. */
    private final Map<SimConnection, Map<String, String>> subscriptions = new LinkedHashMap<>();
    /** How often each text of the client has come. */
    final Map<String, Integer> received = new HashMap<>();

    Observer observer = (topic, id, cursor) -> {};

    CursorServer(World world) {
        this.world = world;
    }

    void publish(String name) {
        Topic topic = topics.get(name);
        long number = ++topic.newest;
        subscriptions.forEach((connection, ids) -> ids.forEach((id, subscribed) -> {
            if (subscribed.equals(name)) connection.serverSends(Item.text("MSG " + id + " " + number));
        }));
    }

    /** Ends all subscriptions. */
    void endAll() {
        subscriptions.forEach((connection, ids) -> {
            ids.keySet().forEach(id -> connection.serverSends(Item.text("END " + id)));
            ids.clear();
        });
    }

    /** Drops some of the oldest messages. */
    void trim(String name) {
        Topic topic = topics.get(name);
        topic.trimmed += world.below(topic.newest - topic.trimmed + 1);
        world.trace(name + " is trimmed up to " + topic.trimmed);
    }

    List<SimConnection> connections() {
        return new ArrayList<>(subscriptions.keySet());
    }

    @Override
    public void onConnect(SimConnection connection) {
        subscriptions.put(connection, new LinkedHashMap<>());
    }

    @Override
    public void onDisconnect(SimConnection connection) {
        subscriptions.remove(connection);
    }

    @Override
    public void onText(SimConnection connection, String text) {
        Map<String, String> ids = subscriptions.get(connection);
        if (ids == null) return;
        String[] words = text.split(" ", -1);
        switch (words[0]) {
            case "HELLO":
                connection.serverSends(Item.text("WELCOME"));
                break;
            case "SUB":
                subscribe(connection, ids, words[1], words[2], words[3]);
                break;
            case "UNSUB":
                ids.remove(words[1]);
                break;
            case "SEND":
                received.merge(words[2], 1, Integer::sum);
                if (!words[1].equals("0")) connection.serverSends(Item.text("ACK " + words[1]));
                break;
            default:
                throw new Violation("server got " + text);
        }
    }

    /** Sends what came after the cursor. Without one, all that is left. */
    private void subscribe(SimConnection connection, Map<String, String> ids, String id, String name, String cursor) {
        world.trace(name + " is subscribed after " + cursor);
        observer.onSubscribe(name, id, cursor);
        Topic topic = topics.get(name);
        long after = cursor.equals("-") ? topic.trimmed : Long.parseLong(cursor);
        if (after < topic.trimmed) {
            connection.serverSends(Item.text("GAP " + id + " " + topic.trimmed));
            return;
        }
        ids.put(id, name);
        for (long number = after + 1; number <= topic.newest; number++) {
            connection.serverSends(Item.text("MSG " + id + " " + number));
        }
    }

    @Override
    public void onBinary(SimConnection connection, ByteString bytes) {
        throw new Violation("server got bytes");
    }
}
