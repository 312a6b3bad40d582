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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The protocol of a {@link CursorServer}, with stored cursors. Messages whose text ends with an a are acknowledged. */
final class CursorProtocol implements Protocol {
    /** The application. Called on the callback executor. */
    interface Listener {
        /** Takes a message. {@code ack} is null unless the topic is acknowledged by hand. */
        void onMessage(String topic, long number, @Nullable Runnable ack);

        /** Reports that messages up to {@code upTo} are missing. */
        void onGap(String topic, long upTo);

        void onFailed(Throwable thrown);
    }

    private final Set<String> byHand;
    private final Listener listener;
    private ProtocolClient client;
    private long ids;
    /** Whether it refuses what the application sends. */
    boolean refuses;
    /** Whether it gives the id of the message before. */
    boolean sameId;
    /** The topic to which it subscribes as soon as it has its client; null for none. */
    @Nullable
    String atOnce;

    /**
     * Creates a protocol.
     *
     * @param firstId the ids of this process are greater
     * @param byHand the topics whose messages are acknowledged by hand
     */
    CursorProtocol(long firstId, Set<String> byHand, Listener listener) {
        this.ids = firstId;
        this.byHand = byHand;
        this.listener = listener;
    }

    /** Begins a subscription. Returns its name, which no other one has. */
    String subscribe(String topic) {
        return subscribe(topic, topic);
    }

    String subscribe(String topic, @Nullable String storeName) {
        String name = topic + "#" + ++ids;
        client.subscribe(new Topic(topic, name, storeName), null);
        return name;
    }

    /** Begins a subscription in the place of the one of that name. */
    void replace(String name) {
        client.subscribe(new Topic(topicOf(name), name, topicOf(name)), null);
    }

    void unsubscribe(String name) {
        client.unsubscribe(name);
    }

    private final class Topic implements Subscription {
        private final String topic;
        private final String name;
        private final String storeName;

        Topic(String topic, String name, @Nullable String storeName) {
            this.topic = topic;
            this.name = name;
            this.storeName = storeName;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public @Nullable String storeName() {
            return storeName;
        }

        @Override
        public Outgoing start(@Nullable String cursor) {
            return Outgoing.text("SUB " + name + " " + topic + " " + (cursor == null ? "-" : cursor));
        }

        @Override
        public Outgoing end() {
            return Outgoing.text("UNSUB " + name);
        }

        @Override
        public void onFailed(Throwable thrown) {
            listener.onFailed(thrown);
        }
    }

    @Override
    public void attach(ProtocolClient newClient) {
        client = newClient;
        if (atOnce != null) subscribe(atOnce);
    }

    @Override
    public Outgoing outgoing(EncodedPayload payload) {
        // Code that is not Java's may throw anything.
        if (refuses) throw new AssertionError("refused");
        boolean acknowledged = payload.text().endsWith("a");
        if (acknowledged && !sameId) ids++;
        long id = acknowledged ? ids : 0;
        Outgoing message = Outgoing.text("SEND " + id + " " + payload.text());
        return acknowledged ? message.withAcknowledgement(id, 1, Duration.ofSeconds(20)) : message;
    }

    @Override
    public ProtocolConnection newConnection() {
        return new ProtocolConnection() {
            @Override
            public Outgoing open(@Nullable String credential) {
                return Outgoing.text("HELLO");
            }

            @Override
            public void onText(String text, ProtocolEvents events) {
                read(text.split(" ", -1), events);
            }
        };
    }

    private void read(String[] words, ProtocolEvents events) {
        switch (words[0]) {
            case "WELCOME":
                events.opened(Opened.plain());
                break;
            case "ACK":
                events.acknowledged(Long.parseLong(words[1]), () -> {});
                break;
            case "GAP":
                events.gap(words[1], () -> listener.onGap(topicOf(words[1]), Long.parseLong(words[2])));
                break;
            case "END":
                events.ended(words[1], () -> {});
                break;
            default:
                message(words[1], topicOf(words[1]), words[2], events);
        }
    }

    private void message(String name, String topic, String cursor, ProtocolEvents events) {
        long number = Long.parseLong(cursor);
        if (byHand.contains(topic)) {
            events.messageWithManualAck(name, cursor, ack -> listener.onMessage(topic, number, ack));
        } else {
            events.message(name, cursor, () -> listener.onMessage(topic, number, null));
        }
    }

    /** Returns the number in a subscription's name. */
    static long idOf(String name) {
        return Long.parseLong(name.substring(name.indexOf('#') + 1));
    }

    static String topicOf(String name) {
        return name.substring(0, name.indexOf('#'));
    }
}
