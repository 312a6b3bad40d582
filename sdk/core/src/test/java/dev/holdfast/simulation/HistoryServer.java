package dev.holdfast.simulation;

import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import okio.ByteString;

/**
 * A server that numbers its messages and keeps the last ones: whoever names the last that he has gets what came after
 * it, or a few more than that, and then what follows. Who names none begins with the next message.
 */
final class HistoryServer extends PlainServer {
    /** Where a client says what it has last. */
    enum Place {
        MESSAGE,
        HEADER,
        QUERY;

        /** @param asked run when the client asks the application for the message that names its place */
        Session session(Runnable asked) {
            switch (this) {
                case MESSAGE:
                    return Session.resumeFrom(ResumeFrom.jsonPointer("/id").firstMessage(last -> {
                        asked.run();
                        return Map.of("after", last);
                    }));
                case HEADER:
                    return Session.resumeFrom(ResumeFrom.jsonPointer("/id").inHeader("Last-Event-ID"));
                default:
                    return Session.resumeFrom(ResumeFrom.jsonPointer("/id").inQuery("since"));
            }
        }
    }

    static final List<Place> PLACES = List.of(Place.MESSAGE, Place.HEADER, Place.QUERY);

    private static final String STREAM = "history";
    private static final int MAX_REPLAYED_FOR_NOTHING = 20;

    private final Place place;
    private final TreeMap<Long, String> history = new TreeMap<>();

    /** Those that get messages, with the number of the newest; in the order of their coming, so that a seed says all. */
    private final Map<SimConnection, Long> served = new LinkedHashMap<>();

    private final Set<Long> gapsBefore = new HashSet<>();
    private long firstNamed;

    HistoryServer(World world, Place place) {
        super(world);
        this.place = place;
    }

    @Override
    void send() {
        sent++;
        String text = Numbered.text(STREAM, sent, (int) world.below(padding));
        String id = world.chance(0.5) ? String.valueOf(sent) : "\"" + sent + "\"";
        history.put(sent, "{\"m\":\"" + text + "\",\"id\":" + id + "}");
        served.keySet().forEach(connection -> serve(connection, sent));
    }

    private void serve(SimConnection connection, long number) {
        served.put(connection, number);
        connection.serverSends(Item.text(history.get(number)));
    }

    @Override
    void trim() {
        history.headMap(sent - world.below(10)).clear();
    }

    @Override
    Map<String, Long> sentOver(SimConnection connection) {
        Long newest = served.getOrDefault(connection, 0L);
        return newest == 0 ? Map.of() : Map.of(STREAM, newest);
    }

    @Override
    boolean isGapBefore(long number) {
        return gapsBefore.contains(number);
    }

    @Override
    public void onConnect(SimConnection connection) {
        super.onConnect(connection);
        if (place == Place.HEADER) begin(connection, connection.request.header("Last-Event-ID"));
        if (place == Place.QUERY) begin(connection, connection.request.url().queryParameter("since"));
    }

    @Override
    public void onDisconnect(SimConnection connection) {
        super.onDisconnect(connection);
        served.remove(connection);
    }

    /** Where it is a message that names the place, the server waits for the first, whatever it is. */
    @Override
    public void onText(SimConnection connection, String text) {
        boolean names = text.startsWith("{\"after\"");
        if (names && served.containsKey(connection)) throw new Violation("server was told too late: " + text);
        begin(connection, names ? text.replaceAll("\\D", "") : null);
        if (!names) super.onText(connection, text);
    }

    @Override
    public void onBinary(SimConnection connection, ByteString bytes) {
        begin(connection, null);
        super.onBinary(connection, bytes);
    }

    private void begin(SimConnection connection, String last) {
        if (served.containsKey(connection)) return;
        served.put(connection, 0L);
        if (last == null) {
            // A process that died before it had stored its first place.
            if (forgetsFirstPlace) gapsBefore.add(sent + 1);
            return;
        }
        replays++;
        long after = Long.parseLong(last);
        if (after > sent) throw new Violation("server was told " + after + ", which it never sent");
        long from = after + 1;
        // What was before the first place that the client named it may never have had.
        if (firstNamed == 0) firstNamed = after;
        if (world.chance(0.5)) from = Math.max(firstNamed, from - world.below(MAX_REPLAYED_FOR_NOTHING + 1));
        for (long number : history.tailMap(from).keySet()) {
            if (number <= after) duplicates++;
            serve(connection, number);
        }
        // What the history does not reach back to is missing before its first.
        if (!history.containsKey(after + 1) && after < sent)
            gapsBefore.add(history.isEmpty() ? sent + 1 : history.firstKey());
    }
}
