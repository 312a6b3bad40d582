package com.example.lines;

import dev.holdfast.EncodedPayload;
import dev.holdfast.protocol.Opened;
import dev.holdfast.protocol.Outgoing;
import dev.holdfast.protocol.Protocol;
import dev.holdfast.protocol.ProtocolClient;
import dev.holdfast.protocol.ProtocolConnection;
import dev.holdfast.protocol.ProtocolEvents;
import dev.holdfast.protocol.Subscription;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

// page
/** A protocol of lines: a verb, then words, and the rest of the line is text. */
final class LineProtocol implements Protocol {
    /** The server does not accept the credential. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String reason) {
            super(reason);
        }
    }

    /** Receives the messages of a topic, on the client's callback executor. */
    interface TopicListener {
        void onMessage(String cursor, String text);

        void onGap();

        void onEnd(String reason);
    }

    private final String sender = UUID.randomUUID().toString();
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, TopicListener> listeners = new ConcurrentHashMap<>();
    private volatile ProtocolClient client;

    @Override
    public String subprotocol() {
        return "lines.v1";
    }

    @Override
    public void attach(ProtocolClient newClient) {
        client = newClient;
    }

    @Override
    public ProtocolConnection newConnection() {
        return new LineConnection();
    }

    /** A message is sent again until the server has acknowledged it, so the server drops ids that it has handled. */
    @Override
    public Outgoing outgoing(EncodedPayload payload) {
        long id = ids.incrementAndGet();
        return Outgoing.text("SEND " + sender + ":" + id + " " + payload.text())
                .withAcknowledgement(id, 100, Duration.ofSeconds(10));
    }

    /** @param cursor the position after which the messages begin; null for the present */
    void subscribe(String topic, String cursor, TopicListener listener) {
        listeners.put(topic, listener);
        client.subscribe(new Topic(topic, listener), cursor);
    }

    void unsubscribe(String topic) {
        client.unsubscribe(topic);
        listeners.remove(topic);
    }

    private static final class Topic implements Subscription {
        private final String name;
        private final TopicListener listener;

        Topic(String name, TopicListener listener) {
            this.name = name;
            this.listener = listener;
        }

        @Override
        public String name() {
            return name;
        }

        /** A client with a store goes on after the newest message that an earlier process has handled. */
        @Override
        public String storeName() {
            return name;
        }

        @Override
        public Outgoing start(String cursor) {
            return Outgoing.text("SUBSCRIBE " + name + (cursor == null ? "" : " " + cursor));
        }

        @Override
        public Outgoing end() {
            return Outgoing.text("UNSUBSCRIBE " + name);
        }

        @Override
        public void onFailed(Throwable thrown) {
            listener.onEnd(thrown.toString());
        }
    }

    // end

    // page
    private final class LineConnection implements ProtocolConnection {
        @Override
        public Outgoing open(String credential) {
            return Outgoing.text(credential == null ? "HELLO" : "HELLO " + credential);
        }

        @Override
        public void onText(String line, ProtocolEvents events) {
            String[] words = line.split(" ", line.startsWith("MESSAGE ") ? 4 : 3);
            switch (words[0]) {
                case "WELCOME": // WELCOME milliseconds
                    Duration silence = Duration.ofMillis(Long.parseLong(words[1]));
                    events.opened(Opened.plain().withServerHeartbeat(silence));
                    break;
                case "REFUSED": // REFUSED reason
                    String reason = line.substring("REFUSED ".length());
                    events.end("refused: " + reason, new RefusedException(reason));
                    break;
                case "PING":
                    events.send(Outgoing.text("PONG"));
                    break;
                case "ACK": // ACK sender:id
                    long id = Long.parseLong(words[1].substring(words[1].indexOf(':') + 1));
                    events.acknowledged(id, () -> {});
                    break;
                case "MESSAGE": // MESSAGE topic cursor text
                    String cursor = words[2];
                    String text = words[3];
                    events.message(words[1], cursor, told(words[1], topic -> topic.onMessage(cursor, text)));
                    break;
                case "GAP": // GAP topic
                    events.gap(words[1], told(words[1], TopicListener::onGap));
                    break;
                case "END": // END topic reason
                    events.ended(words[1], told(words[1], topic -> topic.onEnd(words[2])));
                    break;
                default:
                    events.violation("unknown verb " + words[0]);
            }
        }

        /**
         * Returns a callback for the topic's listener. It does not ask whether the application has unsubscribed meanwhile: the client
         * has, and a message whose callback runs counts as handled.
         */
        private Runnable told(String topic, Consumer<TopicListener> call) {
            TopicListener listener = listeners.get(topic);
            return () -> {
                if (listener != null) call.accept(listener);
            };
        }
    }
    // end
}
