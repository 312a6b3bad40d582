package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import okio.ByteString;

/** A server without sessions: what it gets it has, what it sends while nobody listens is gone. */
class PlainServer implements SimServer {
    final World world;
    private final Set<SimConnection> connected = new LinkedHashSet<>();
    long sent;

    /** Every number of the client's. */
    final Set<Long> handled = new HashSet<>();
    /** Whether a process of the client may die before it has stored a place. */
    boolean forgetsFirstPlace;

    /** Told each connection and the number that came over it: order is kept on one, and not from one to the next. */
    BiConsumer<SimConnection, Long> handledObserver = (connection, number) -> {};

    long padding = 20;
    /** A server that accepts connections, and then refuses the credential. */
    boolean refusesLate;

    int replays;
    int duplicates;

    PlainServer(World world) {
        this.world = world;
    }

    /** Sends the next message to whoever is connected. */
    void send() {
        sent++;
        String text = Numbered.text("plain", sent, (int) world.below(padding));
        for (SimConnection connection : connected) {
            connection.serverSends(world.chance(0.5) ? Item.text(text) : Item.binary(ByteString.encodeUtf8(text)));
        }
    }

    /** The newest number that must arrive over the connection, by stream. */
    Map<String, Long> sentOver(SimConnection connection) {
        return Map.of();
    }

    /** Whether the client may have to do without the messages before this one. */
    boolean isGapBefore(long number) {
        return true;
    }

    /** Forgets what it need not keep. */
    void trim() {}

    void closeAll(int code) {
        for (SimConnection connection : new ArrayList<>(connected)) connection.serverCloses(code, "");
    }

    @Override
    public void onConnect(SimConnection connection) {
        connected.add(connection);
        if (refusesLate) world.schedule(() -> connection.serverCloses(4401, "refused"), world.below(World.seconds(1)));
    }

    @Override
    public void onDisconnect(SimConnection connection) {
        connected.remove(connection);
    }

    @Override
    public void onText(SimConnection connection, String text) {
        // An object of the client's is JSON around the text.
        handle(connection, text.startsWith("{") ? text.substring(text.indexOf(":\"") + 2) : text);
    }

    @Override
    public void onBinary(SimConnection connection, ByteString bytes) {
        handle(connection, bytes.utf8());
    }

    private void handle(SimConnection connection, String text) {
        Numbered message = Numbered.parse(text);
        handledObserver.accept(connection, message.number);
        if (!handled.add(message.number)) throw new Violation("server got " + message + " twice");
    }
}
