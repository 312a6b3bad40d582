package dev.holdfast.benchmarks.protocols;

import dev.holdfast.ClientState;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Session;
import dev.holdfast.socketio.SocketIo;
import dev.holdfast.stomp.Stomp;
import io.socket.client.IO;
import io.socket.client.Socket;
import io.socket.engineio.client.transports.WebSocket;
import java.lang.reflect.Type;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.converter.StringMessageConverter;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.messaging.WebSocketStompClient;

/** A client that is measured: it sends and receives events with one text each. */
public interface EventClient {
    /** The longest wait for a server on loopback. */
    long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Sends an event. */
    void send(String text);

    /** Asks the server for a batch of events. */
    void request();

    void close();

    /** The clients. */
    enum Kind {
        /** A {@link HoldfastClient} without a session, and a WebSocket message for each event. */
        PLAIN {
            @Override
            EventClient connect(int port, Consumer<String> received) throws InterruptedException {
                HoldfastClient client = HoldfastClient.builder("ws://127.0.0.1:" + port + "/plain")
                        .session(Session.none())
                        .heartbeat(Heartbeat.none())
                        .onMessage((from, message) -> received.accept(message.text()))
                        .build();
                client.connect();
                await(() -> client.state() == ClientState.OPEN);
                return client(client::send, () -> client.send("go"), client::cancel);
            }
        },
        SOCKET_IO {
            @Override
            EventClient connect(int port, Consumer<String> received) throws InterruptedException {
                SocketIo socket = SocketIo.builder("http://127.0.0.1:" + port).build();
                socket.on("e", event -> received.accept(event.arguments().size() == 0 ? "" : event.text(0)));
                socket.connect();
                await(socket::isConnected);
                return client(text -> socket.emit("e", text), () -> socket.emit("go"), socket::close);
            }
        },
        /** The official client of Socket.IO for Java. */
        SOCKET_IO_CLIENT_JAVA {
            @Override
            EventClient connect(int port, Consumer<String> received) throws InterruptedException {
                IO.Options options = IO.Options.builder()
                        .setTransports(new String[] {WebSocket.NAME})
                        .build();
                Socket socket = IO.socket(URI.create("http://127.0.0.1:" + port), options);
                socket.on("e", arguments -> received.accept(arguments.length == 0 ? "" : (String) arguments[0]));
                socket.connect();
                await(socket::connected);
                return client(text -> socket.emit("e", text), () -> socket.emit("go"), socket::close);
            }
        },
        /** Without receipts, so that a message ends when it is written, as those of the others do. */
        STOMP {
            @Override
            EventClient connect(int port, Consumer<String> received) throws InterruptedException {
                Stomp stomp = Stomp.builder("ws://127.0.0.1:" + port + "/stomp")
                        .receipts(false)
                        .heartbeat(Duration.ZERO, Duration.ZERO)
                        .build();
                stomp.subscribe("/e", message -> received.accept(message.text()));
                stomp.connect();
                await(() -> stomp.state() == ClientState.OPEN);
                return client(text -> stomp.send("/e", text), () -> stomp.send("/go", null), stomp::close);
            }
        },
        /** The client of Spring, on Tomcat's WebSocket. */
        STOMP_CLIENT_SPRING {
            @Override
            EventClient connect(int port, Consumer<String> received) throws Exception {
                WebSocketStompClient client = new WebSocketStompClient(new StandardWebSocketClient());
                client.setMessageConverter(new StringMessageConverter());
                client.setDefaultHeartbeat(new long[] {0, 0});
                StompSession session = client.connectAsync(
                                "ws://127.0.0.1:" + port + "/stomp", new StompSessionHandlerAdapter() {})
                        .get(LIMIT_NANOS, TimeUnit.NANOSECONDS);
                StompHeaders subscribe = new StompHeaders();
                subscribe.setDestination("/e");
                subscribe.setId(EventServer.SUBSCRIPTION);
                session.subscribe(subscribe, new StompFrameHandler() {
                    @Override
                    public Type getPayloadType(StompHeaders headers) {
                        return String.class;
                    }

                    @Override
                    public void handleFrame(StompHeaders headers, @Nullable Object payload) {
                        received.accept(payload == null ? "" : (String) payload);
                    }
                });
                return client(text -> session.send("/e", text), () -> session.send("/go", ""), session::disconnect);
            }
        };

        /**
         * Connects.
         *
         * @param received gets the text of each event, empty if it has none
         */
        abstract EventClient connect(int port, Consumer<String> received) throws Exception;
    }

    /** Waits for a condition that another thread brings about. */
    static void await(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > LIMIT_NANOS) throw new IllegalStateException("no connection in time");
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static EventClient client(Consumer<String> send, Runnable request, Runnable close) {
        return new EventClient() {
            @Override
            public void send(String text) {
                send.accept(text);
            }

            @Override
            public void request() {
                request.run();
            }

            @Override
            public void close() {
                close.run();
            }
        };
    }
}
